"""Archives and folders of labelled texts to tf.Examples, streaming."""
