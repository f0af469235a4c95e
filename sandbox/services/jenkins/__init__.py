"""A stand-in for Jenkins: GitLab's hooks, folders and jobs by configuration as code, pipelines run as Groovy with their steps in pods."""
