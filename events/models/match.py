"""Match: what an evaluation found, kept until it ends."""

from django.db import models


class Match(models.Model):
    """One row for which an event is true: a temporary table, seen by one transaction and gone with it.

    The columns are those of :func:`events.engine.matching.matches`; the last three say (0 or 1) which reason
    keeps the row back.
    """

    m_subject = models.BigIntegerField(primary_key=True)
    m_customer = models.BigIntegerField()
    m_okey = models.CharField(max_length=120)
    m_trigger_on = models.DateField()
    m_anchor_on = models.DateField()
    m_score = models.BigIntegerField()
    m_test_record = models.SmallIntegerField()
    m_not_trading = models.SmallIntegerField()
    m_do_not_contact = models.SmallIntegerField()

    class Meta:
        managed = False
        db_table = "events_match"

    def __str__(self) -> str:
        return f"{self.m_subject} {self.m_okey}"
