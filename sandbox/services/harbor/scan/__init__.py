"""The scanner in Trivy's place: it finds the packages of an image, and compares them with a few advisories that are made up."""
