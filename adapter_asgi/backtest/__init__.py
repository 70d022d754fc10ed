"""Recorded calls, decided again under a candidate policy: `hoopgate backtest`."""
