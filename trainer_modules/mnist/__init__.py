"""Convolutional networks on MNIST: which digit did somebody write?"""
