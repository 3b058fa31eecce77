"""`sekul verify`: everything that must hold, checked against the logs, the tables and the topics. Changes nothing."""
