"""nginx.conf as text. File names in it are relative to nginx's prefix (`nginx -p`)."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from .routes import Location, Object, Site, sites

CERTIFICATES = "certificates"
DEFAULT_CERTIFICATE = "default.pem"
PODS_PORT = 10246

# Graceful: workers of the previous configuration finish what they hold, as long as ingress-nginx lets them.
HEAD = f"""\
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off;
worker_processes 2;
worker_shutdown_timeout 240s;
pid nginx.pid;
error_log stderr notice;
events {{ worker_connections 4096; }}
http {{
  access_log /dev/stdout;
  server_tokens off;
  client_body_temp_path temporary/body;
  proxy_temp_path temporary/proxy;
  fastcgi_temp_path temporary/fastcgi;
  uwsgi_temp_path temporary/uwsgi;
  scgi_temp_path temporary/scgi;
  server_names_hash_bucket_size 256;
  large_client_header_buffers 4 16k;
  keepalive_timeout 75s;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:TLS:2m;
  map $http_upgrade $connection_header {{ default upgrade; '' ''; }}
  map $http_x_request_id $request_identity {{ default $http_x_request_id; '' $request_id; }}

  lua_package_path "{Path(__file__).parent}/?.lua;;";
  lua_shared_dict pods 16m;
  init_worker_by_lua_block {{ math.randomseed(ngx.now() * 1000 + ngx.worker.pid()) }}
  upstream pods {{ server 0.0.0.1; balancer_by_lua_block {{ require('pods').choose() }} }}
  server {{
    listen 127.0.0.1:{PODS_PORT};
    access_log off;
    client_max_body_size 16m;
    client_body_buffer_size 16m;
    location / {{ content_by_lua_block {{ require('pods').replace() }} }}
  }}

  # No kept connections to pods: one that a stopping pod closes would lose the POST just sent on it.
  proxy_http_version 1.1;
  proxy_connect_timeout 2s;
  proxy_read_timeout 60s;
  proxy_next_upstream error timeout;
  proxy_buffer_size 16k;
  proxy_buffers 8 16k;
  proxy_ssl_server_name on;
  proxy_ssl_name $host;
  proxy_redirect off;
  proxy_set_header Host $http_host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_header;
  proxy_set_header X-Request-ID $request_identity;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Scheme $scheme;
  proxy_set_header X-Scheme $scheme;
"""


def render(ingresses: Iterable[Object], secrets: Iterable[Object]) -> str:
    """nginx.conf for these objects: see `routes.sites` for the arguments. The same objects give the same text."""
    by_host = {"": Site(), **sites(ingresses, secrets)}
    for site in by_host.values():
        site.locations.setdefault("/", Location(None, to_https=False))
    return HEAD + "".join(_server(*item) for item in sorted(by_host.items())) + "}\n"


def _server(host: str, site: Site) -> str:
    default = "" if host else " default_server"
    certificate = f"{CERTIFICATES}/{site.certificate}" if site.certificate else DEFAULT_CERTIFICATE
    return (
        f"  server {{\n    listen 80{default};\n    listen 443 ssl{default};\n    server_name {host or '_'};\n"
        f"    ssl_certificate {certificate};\n    ssl_certificate_key {certificate};\n"
        + _locations(site.locations, secured=site.certificate is not None)
        + "  }\n"
    )


def _locations(locations: Mapping[str, Location], *, secured: bool) -> str:
    lines = []
    for match, location in sorted(locations.items()):
        steps = []
        if secured and location.to_https:
            steps.append("if ($scheme = http) { return 308 https://$host$request_uri; }")
        if location.pods:
            steps.append(f"set $pods {location.pods}; client_max_body_size {location.body_limit};")
            steps.append(f"access_by_lua_block {{ require('pods').find() }} proxy_pass {location.scheme}://pods;")
        else:
            steps.append("return 404;")
        lines.append(f"    location {match} {{ {' '.join(steps)} }}\n")
    return "".join(lines)
