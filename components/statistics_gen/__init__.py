"""A StatisticsGen that uses Beam only with a cluster."""
