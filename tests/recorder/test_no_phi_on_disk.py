"""Will hold: 1,000 planted values are found nowhere in what is written, raw or encoded."""
