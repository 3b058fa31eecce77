"""The ledger's decisions: pure, in whole rupiah; they do no I/O, know no clock and draw no chance."""
