"""The demo: a made-up gift wholesaler that works on real orders.

The orders are real trade, a fixed part of a public data set, moved by whole weeks so that they end within
the last seven days. Companies, people, outcomes and notes are invented, always the same ones: whatever
looks like chance is drawn from the customer's number or the follow-up's key.
"""
