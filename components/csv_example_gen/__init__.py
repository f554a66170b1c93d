"""CSV to tf.Examples on Arrow, streaming."""
