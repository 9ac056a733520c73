"""`tune probe`: asks an account what is only assumed of AWS, as far as asking costs and changes nothing."""
