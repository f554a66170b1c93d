"""Reads labeled images from IDX files, such as MNIST's, or from one folder per class."""
