"""Settings: none of it is secret, as nothing is signed or stored."""

import os

SECRET_KEY = os.environ.get("SECRET_KEY", "this-example-signs-nothing")
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
