"""A stand-in for Harbor: its REST API v2.0, its token service, and a real Docker registry behind them, as far as this project uses them.

The registry (Debian's docker-registry) keeps the images and judges every token itself; what Harbor knows beyond it is one SQLite file.
Routes and fields follow Harbor's published API description.
"""
