"""The KPIs as formulas over totals (figures.md, sections 4 and 6)."""

from fractions import Fraction
from typing import NamedTuple

from instants import DAY

MONEY, SECONDS = 10_000, 1_000  # sums are held in ten-thousandths and in milliseconds
MATURING = "maturing"  # the one reason that stands beside a value


class Kpi(NamedTuple):
    name: str
    shape: object
    measures: tuple
    below: tuple = ()
    sample: tuple = ()
    minimum: int = 0  # of n
    limit: int = 0  # of a cohort pair, in milliseconds


class Outcome(NamedTuple):
    numerator: object
    denominator: object
    n: int
    value: object  # of what has no numerator; None: it is the quotient
    reason: object


def quotient(numerator, denominator, n):
    return Outcome(numerator, denominator, n, None, None if denominator else "zero_denominator")


def exact(value, n):
    return Outcome(value, 1, n, None, None)


def count(kpi, cell):
    n = cell.count(kpi.measures)
    return exact(n, n)


def money(kpi, cell):
    return exact(Fraction(cell.sum(kpi.measures), MONEY), cell.count(kpi.measures))


def rate(kpi, cell):
    top, bottom = cell.count(kpi.measures), cell.count(kpi.below)
    return quotient(top, bottom, cell.count(kpi.sample or kpi.below))


def money_share(kpi, cell):
    """Money over money; a sum has no count, so the sample is named."""
    top, bottom = (Fraction(cell.sum(measures), MONEY) for measures in (kpi.measures, kpi.below))
    return quotient(top, bottom, cell.count(kpi.sample))


def money_per(kpi, cell):
    n = cell.count(kpi.below)
    return quotient(Fraction(cell.sum(kpi.measures), MONEY), n, n)


def net_score(kpi, cell):
    high, low = (cell.count([measure]) for measure in kpi.measures)
    n = cell.count(kpi.below)
    return quotient(100 * (high - low), n, n)


def mean(kpi, cell):
    n = cell.count(kpi.measures)
    return quotient(Fraction(cell.sum(kpi.measures), SECONDS), n, n)


def growth(kpi, cell):
    now, before = (Fraction(cell.sum([m]), MONEY) for m in ("revenue", "revenueprev"))
    return Outcome(now - before, before, cell.count(["revenue"]), None, None if before > 0 else "base")


def per_rep(kpi, cell):
    won = cell.count(kpi.measures)
    return quotient(won, cell.reps_at_end(), won)


def quantile(percent):
    def shape(kpi, cell):
        n, middle = cell.quantile(kpi.measures[0], percent)
        value = None if middle is None else Fraction(middle, SECONDS)
        return Outcome(None, None, n, value, None if n else "zero_denominator")
    return shape


def durations(name, measure):
    return [Kpi(name + ending, shape, (measure,))
            for ending, shape in [("_mean", mean), ("_median", quantile(50)), ("_p90", quantile(90))]]


KPIS = [
    Kpi("revenue", money, ("revenue",)),
    Kpi("sales_growth", growth, ("revenue",)),
    Kpi("deals_won", count, ("won",)),
    Kpi("deals_won_per_rep", per_rep, ("won",)),
    Kpi("close_rate", rate, ("won",), ("won", "lost")),
    Kpi("win_loss_ratio", rate, ("won",), ("lost",), sample=("won", "lost")),
    Kpi("close_rate_cohort", rate, ("created_won",), ("created",), limit=90 * DAY),
    Kpi("new_opportunities", count, ("created",)),
    *durations("cycle_length", "cycle"),
    Kpi("open_deals", count, ("open_deals",)),
    Kpi("open_deal_age_mean", mean, ("open_deals",)),
    *durations("response_time", "response"),
    Kpi("waiting_customers", count, ("waiting",)),
    *durations("first_response_time", "first_response"),
    Kpi("nurtured_share", rate, ("nurtured",), ("open_leads",)),
    Kpi("positive_reply_rate", rate, ("positive",), ("positive", "negative")),
    Kpi("positive_negative_ratio", rate, ("positive",), ("negative",), sample=("positive", "negative")),
    Kpi("call_acceptance_rate", rate, ("call_connected",), ("call_connected", "call_declined", "call_no_answer")),
    Kpi("meeting_acceptance_rate", rate, ("meeting_accepted",), ("meeting_accepted", "meeting_declined")),
    Kpi("meeting_show_rate", rate, ("meeting_held",), ("meeting_held", "meeting_no_show")),
    Kpi("lead_conversion_rate", rate, ("first_win",), ("leads",)),
    Kpi("lead_conversion_cohort", rate, ("leads_won",), ("leads",), limit=90 * DAY),
    Kpi("calls_made", count, ("calls_made",)),
    Kpi("calls_scheduled", count, ("call.scheduled",)),
    Kpi("emails_sent", count, ("email.sent",)),
    Kpi("meetings_held", count, ("meeting_held",)),
    Kpi("proposals_sent", count, ("proposal.sent",)),
    Kpi("proposal_interest_rate", rate, ("first_sent_interest",), ("first_sent",), limit=30 * DAY),
    Kpi("selling_cost", money, ("cost_selling",)),
    Kpi("selling_cost_ratio", money_share, ("cost_selling",), ("revenue",), sample=("revenue",)),
    Kpi("upsell_rate", rate, ("won_upsell",), ("won",)),
    Kpi("cross_sell_rate", rate, ("won_cross_sell",), ("won",)),
    Kpi("expansion_revenue_share", money_share, ("won_upsell", "won_cross_sell"), ("revenue",), sample=("revenue",)),
    Kpi("cost_per_lead", money_per, ("cost_marketing",), ("leads",)),
    Kpi("cost_per_conversion", money_per, ("cost_selling", "cost_marketing"), ("first_win",)),
    Kpi("revenue_per_account", money_per, ("revenue",), ("accounts",)),
    Kpi("nps", net_score, ("nps_high", "nps_low"), ("nps",), minimum=5),
    Kpi("enps", net_score, ("enps_high", "enps_low"), ("enps",), minimum=5),
    Kpi("csat", rate, ("csat_high",), ("csat",), minimum=5),
    Kpi("existing_customers", count, ("customers",)),
    Kpi("customer_engagement", rate, ("engaged",), ("customers",)),
    Kpi("customer_lifetime_mean", mean, ("lifetime",)),
]

SEEN_BY = {  # measures: the types of which one must have been seen
    ("revenue",): ("deal.closed", "subscription.renewed", "deal.refunded"),
    ("won", "lost", "cycle", "first_win", "won_upsell", "won_cross_sell"): ("deal.closed",),
    ("accounts",): ("deal.closed", "subscription.renewed"),
    ("created", "created_won", "open_deals"): ("deal.created",),
    ("response", "waiting"): ("email.sent", "proposal.sent"),
    ("first_response",): ("lead.created", "email.received"),
    ("leads", "leads_won", "open_leads"): ("lead.created",),
    ("nurtured",): ("call.completed", "email.sent", "meeting.ended"),
    ("customers",): ("deal.closed", "subscription.started"),
    ("engaged",): ("call.completed", "email.received", "meeting.answered", "proposal.viewed"),
    ("lifetime",): ("subscription.started",),
    ("positive", "negative"): ("email.received",),
    ("calls_made", "call_connected", "call_declined", "call_no_answer"): ("call.completed",),
    ("meeting_accepted", "meeting_declined"): ("meeting.answered",),
    ("meeting_held", "meeting_no_show"): ("meeting.ended",),
    ("call.scheduled",): ("call.scheduled",),
    ("email.sent",): ("email.sent",),
    ("proposal.sent", "first_sent", "first_sent_interest"): ("proposal.sent",),
    ("cost_selling", "cost_marketing"): ("cost.recorded",),
    ("nps", "nps_high", "nps_low", "enps", "enps_high", "enps_low", "csat", "csat_high"): ("survey.answered",),
}
TYPES_OF = {measure: types for measures, types in SEEN_BY.items() for measure in measures}


def has_data(kpi, seen):
    """Whether every measure of the formula has seen an event of one of its types."""
    return all(seen.intersection(TYPES_OF[measure]) for measure in kpi.measures + kpi.below)


def maturing(kpi, span, end):
    """Whether pairs of a cohort may still be made."""
    return end < span.to + kpi.limit if kpi.limit else False


def evaluate(kpi, cell, seen, end):
    if not has_data(kpi, seen):
        return Outcome(None, None, 0, None, "no_data")
    outcome = kpi.shape(kpi, cell)
    if outcome.reason is None and outcome.n < kpi.minimum:
        return outcome._replace(reason="sample")
    if outcome.reason is None and maturing(kpi, cell.span, end):
        return outcome._replace(reason=MATURING)
    return outcome


def value_of(outcome):
    """The value, rounded half-even to 6 decimals; None when there is a reason for none."""
    if outcome.reason not in (None, MATURING):
        return None
    if outcome.value is not None:
        return outcome.value
    return half_even(Fraction(outcome.numerator) / outcome.denominator)


def half_even(value, decimals=6):
    # Fraction rounds half to even by its own definition.
    return round(value, decimals)
