"""The user code of Transform and Trainer, one package per tutorial."""
