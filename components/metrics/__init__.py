"""TFMA metrics that TFMA lacks, or computes slowly."""
