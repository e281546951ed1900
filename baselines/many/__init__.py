"""Many of a kind: a folder of scenario files, fitted from one table and screened by rules."""
