"""Model servers on this machine: started for a bundle, watched, and made known to workers."""
