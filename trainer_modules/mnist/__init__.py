"""Convolutional networks on MNIST: which digit is it?"""
