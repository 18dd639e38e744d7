"""Feature visualizations: images that a unit responds to most strongly, made by optimisation."""
