"""TFX's Evaluator in a process that loads no other component."""
