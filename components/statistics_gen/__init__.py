"""StatisticsGen that needs no Beam pipeline where there is no cluster to run it on."""
