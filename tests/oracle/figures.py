"""The KPIs as formulas over totals (figures.md, sections 4 and 6)."""

from fractions import Fraction
from typing import NamedTuple

from instants import DAY

MONEY, SECONDS = 10_000, 1_000  # sums are held in ten-thousandths and in milliseconds
MATURING = "maturing"  # the one reason that stands beside a value


MONTH = Fraction("30.4375") * DAY
USUAL = ("company", "team", "rep")
OWN_FIELDS = ("campaign", "product", "segment")  # dimensions whose keys are the event's own field of that name


class Kpi(NamedTuple):
    name: str
    shape: object
    measures: tuple
    below: tuple = ()
    sample: tuple = ()
    minimum: int = 0  # of n
    limit: int = 0  # of a cohort pair, in milliseconds
    by: tuple = USUAL


class Outcome(NamedTuple):
    numerator: object
    denominator: object
    n: int
    value: object  # of what has no numerator; None: it is the quotient
    reason: object


NO_DATA = Outcome(None, None, 0, None, "no_data")


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


def per_50(kpi, cell):
    n = cell.count(kpi.below)
    return quotient(50 * cell.count(kpi.measures), n, n)


def touches(kpi, cell):
    n = cell.count(kpi.measures)
    return quotient(cell.sum(kpi.measures), n, n)


def stage_share(kpi, cell):
    everywhere = cell.company().count(kpi.below)
    return quotient(cell.count(kpi.measures), everywhere, everywhere)


def compound(top, bottom, n):
    """Where a side is itself a quotient: the whole as one reduced fraction."""
    if not bottom:
        return Outcome(None, None, n, None, "zero_denominator")
    whole = Fraction(top) / bottom
    return Outcome(whole.numerator, whole.denominator, n, None, None)


def customers_left(cell):
    return cell.count(["opening", "joined"]) - cell.count(["customers"])


def lifetime_expected(kpi, cell):
    opening, left = cell.count(["opening"]), customers_left(cell)
    return compound(opening * cell.months(), left if opening else 0, left)


def lifetime_value(kpi, cell):
    # The months of the revenue and those of the lifetime cancel each other out.
    opening, accounts = cell.count(["opening"]), cell.count(["accounts"])
    worth = Fraction(cell.sum(["revenue"]), MONEY) * cell.constant("gross_margin") * opening
    return compound(worth, accounts * customers_left(cell) if opening else 0, accounts)


def price_index(kpi, cell):
    return against(cell, lambda others: Fraction(sum(others), len(others)), compound)


def price_index_min(kpi, cell):
    return against(cell, min, quotient)


def against(cell, level, outcome):
    """100 times the own prices over the level of the competitors'."""
    products = cell.prices()
    if not products:
        return NO_DATA
    own = Fraction(100 * sum(prices.own for prices in products), MONEY)
    others = sum(Fraction(level(prices.others)) for prices in products) / MONEY
    n = len(products[0].others) if cell.dimension == "product" else len(products)
    return outcome(own, others, n)


def growth(kpi, cell):
    now, before = (Fraction(cell.sum([m]), MONEY) for m in ("revenue", "revenueprev"))
    return Outcome(now - before, before, cell.count(["revenue"]), None, None if before > 0 else "base")


def per_rep(kpi, cell):
    won = cell.count(kpi.measures)
    return quotient(won, cell.reps_at_end(), won)


def yields(activity, measure):
    return [Kpi(f"{name}_per_50_{activity}", per_50, (top,), (measure,), by=USUAL + ("segment",))
            for name, top in [("leads", "leads"), ("conversions", "first_win"), ("wins", "won")]]


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
    Kpi("cost_per_lead", money_per, ("cost_marketing",), ("leads",), by=USUAL + ("campaign",)),
    Kpi("cost_per_conversion", money_per, ("cost_selling", "cost_marketing"), ("first_win",)),
    Kpi("revenue_per_account", money_per, ("revenue",), ("accounts",), by=USUAL + OWN_FIELDS),
    Kpi("nps", net_score, ("nps_high", "nps_low"), ("nps",), minimum=5),
    Kpi("enps", net_score, ("enps_high", "enps_low"), ("enps",), minimum=5),
    Kpi("csat", rate, ("csat_high",), ("csat",), minimum=5),
    Kpi("existing_customers", count, ("customers",)),
    Kpi("customer_engagement", rate, ("engaged",), ("customers",)),
    Kpi("customer_lifetime_mean", mean, ("lifetime",)),
    Kpi("retention_rate", rate, ("stayed",), ("opening",)),
    Kpi("customer_lifetime_expected", lifetime_expected, ("opening", "joined", "customers")),
    Kpi("customer_lifetime_value", lifetime_value, ("revenue", "accounts", "opening", "joined", "customers")),
    Kpi("lead_stage_share", stage_share, ("open_leads",), ("open_leads",), by=("company", "stage")),
    Kpi("price_index", price_index, (), by=("company", "product")),
    Kpi("price_index_min", price_index_min, (), by=("company", "product")),
    *yields("calls", "calls_made"),
    *yields("emails", "email.sent"),
    *yields("proposals", "proposal.sent"),
    *yields("meetings", "meeting_held"),
    Kpi("touches_to_win", touches, ("touches",), by=USUAL + ("segment",)),
]

# The measures that give a key figures: those of its dimension's KPIs; by company, team and rep also the events.
MEASURES_BY = {
    dimension: {measure for kpi in KPIS if dimension in kpi.by for measure in kpi.measures + kpi.below}
               | ({"events"} if dimension in USUAL else set())
    for dimension in {dimension for kpi in KPIS for dimension in kpi.by}}

SEEN_BY = {  # measures: the types of which one must have been seen
    ("revenue",): ("deal.closed", "subscription.renewed", "deal.refunded"),
    ("won", "lost", "cycle", "first_win", "won_upsell", "won_cross_sell", "touches"): ("deal.closed",),
    ("accounts",): ("deal.closed", "subscription.renewed"),
    ("created", "created_won", "open_deals"): ("deal.created",),
    ("response", "waiting"): ("email.sent", "proposal.sent"),
    ("first_response",): ("lead.created", "email.received"),
    ("leads", "leads_won", "open_leads"): ("lead.created",),
    ("nurtured",): ("call.completed", "email.sent", "meeting.ended"),
    ("customers", "opening", "stayed", "joined"): ("deal.closed", "subscription.started"),
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
        return NO_DATA
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
