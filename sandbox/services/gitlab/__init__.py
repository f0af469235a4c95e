"""A stand-in for GitLab: its REST API v4, Git over HTTP and webhooks, as far as this project uses them.

Behind the API are real bare Git repositories and one SQLite file. Routes and fields follow GitLab's published API description.
"""
