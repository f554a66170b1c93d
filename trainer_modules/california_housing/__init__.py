"""California Housing: the median value of the houses in a district of 1990."""
