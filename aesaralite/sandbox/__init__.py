"""Where users of Aesara look for MRG streams."""
