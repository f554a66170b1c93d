"""Reads labelled images: IDX files such as MNIST's, or folders of PNG and JPEG files by class."""
