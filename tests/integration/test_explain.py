"""kpictl explain: the same figure as everywhere, and the events that made it add up."""
import concurrent.futures
import decimal
import json
import os
import time

from harness.case import Case, KafkaCase
from harness.daemon import CONFIG, run, run_any
from harness.process import wait_until

PERIOD = ["--seed", 41, "--start", "2025-08-20T00:00:00Z", "--end", "2025-10-27T12:00:00Z", "--customers", 90, "--reps", 5, "--teams", 2,
          "--duplicates", 3, "--disorder", 10, "--disorder-max", "2d", "--late", 2, "--conflicts", 1, "--retractions", 2]
AS_OF = "2025-10-27T10:17:30Z"
WINDOWS = ("30d", "month-1", "365d")
GAUGES = ("own_price", "competitor_prices")


def explain(*arguments):
    return json.loads(run("kpictl", "explain", "--config", CONFIG, "--json", "--limit", 1000000, *arguments), parse_float=decimal.Decimal)


class Events(Case):
    def setUp(self):
        super().setUp()
        self.path, self.people = self.simulated_file(*PERIOD), self.roster(*PERIOD)
        self.options = ["--set", f"roster.file={self.people}", "--as-of", AS_OF, "--as-arrived"]

    def figures(self):
        output = run("kpictl", "replay", "--config", CONFIG, *self.options, self.path)
        lines = (json.loads(line, parse_float=decimal.Decimal) for line in output.splitlines())
        return {(line["kpi"], line["window"], line["dimension"], line["key"]): line for line in lines}

    def assert_adds_up(self, told):
        for measure in told["measures"]:
            counting = [event for event in measure["events"] if event["counts"]]
            self.assertEqual(sum(event["amount"] for event in counting), measure["value"], measure["measure"])
            self.assertEqual(measure["sum"], measure["value"])

    def explain_figure(self, figure):
        return explain(figure["kpi"], "--window", figure["window"], "--events", self.path, *self.options, "--key", f"{figure['dimension']}={figure['key']}")

    def check_figure(self, told, expected):
        with self.subTest(**{name: expected[name] for name in ("kpi", "window", "dimension", "key")}):
            for member in ("value", "numerator", "denominator", "n", "from", "to", "complete"):
                self.assertEqual(told["figure"][member], expected[member], member)
            self.assertEqual(told["figure"].get("reason"), expected["reason"])
            self.assert_adds_up(told)

    def test_the_figures_and_the_sums(self):
        """Every KPI of the company and of a key of each other dimension; over them, all keys and windows take turns."""
        figures = self.figures()
        keys = {}
        for kpi, _, dimension, key in figures:
            keys.setdefault((kpi, dimension), set()).add(key)
        chosen = []
        for number, ((kpi, dimension), names) in enumerate(sorted(keys.items())):
            chosen.append(figures[kpi, WINDOWS[number % len(WINDOWS)], dimension, sorted(names)[number % len(names)]])
        self.assertEqual({figure["kpi"] for figure in chosen if figure["dimension"] == "company"}, {kpi for kpi, *_ in figures})
        self.assertGreater(len(chosen), 200)
        seen = 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for told, expected in zip(pool.map(self.explain_figure, chosen), chosen):
                self.check_figure(told, expected)
                seen += sum(measure["count"] for measure in told["measures"])
        self.assertGreater(seen, 10000)

    def test_last_values(self):
        """The prices that are current are listed, those before with --all; the company's figure shows its products."""
        told = explain("price_index", "--events", self.path, "--all", *self.options)
        own, competitors = told["measures"]
        self.assertEqual((own["measure"], competitors["measure"]), GAUGES)
        latest = {}
        for event in own["events"]:
            latest[event["product"]] = max(latest.get(event["product"], event), event, key=lambda one: one["time"])
            self.assertEqual(event["type"], "price.set")
        current = [event for event in own["events"] if event["counts"]]
        self.assertEqual(sorted(event["id"] for event in current), sorted(event["id"] for event in latest.values()))
        self.assertLess(len(current), len(own["events"]))
        self.assertGreater(len([event for event in competitors["events"] if event["counts"]]), len(current))

        figures = self.figures()
        by_product = {key: figure for (kpi, window, dimension, key), figure in figures.items()
                      if (kpi, window, dimension) == ("price_index", "30d", "product") and figure["value"] is not None}
        self.assertEqual({part["key"]: part["value"] for part in told["parts"]}, {key: figure["value"] for key, figure in by_product.items()})
        for part in told["parts"]:
            price = next(event["amount"] for event in current if event["product"] == part["key"])
            self.assertEqual(decimal.Decimal(part["left"]), 100 * price)
        self.assertEqual(told["figure"]["n"], len(told["parts"]))
        self.assertIn(f"sum over the {len(told['parts'])} keys of product that have a figure", told["with_values"])
        product, *_ = by_product
        alone = explain("price_index", "--events", self.path, *self.options, "--key", f"product={product}")
        self.assertNotIn("parts", alone)
        self.assertEqual({event["product"] for measure in alone["measures"] for event in measure["events"]}, {product})

    def test_the_share_of_the_company(self):
        told = explain("lead_stage_share", "--events", self.path, *self.options, "--key", "stage=new")
        own, company = told["measures"]
        self.assertEqual((own["company"], company["company"]), (False, True))
        self.assertLess(own["value"], company["value"])
        self.assertEqual((own["value"], company["value"]), (told["figure"]["numerator"], told["figure"]["denominator"]))
        self.assertEqual(told["with_values"], f"{own['value']} / company({company['value']})")

    def test_a_price_that_is_too_old(self):
        path = self.path + ".old"
        with open(path, "w", encoding="utf-8") as out:
            for number, (day, amount) in enumerate((("2025-09-01", 9), ("2025-09-27", 10))):
                out.write(json.dumps({"id": f"p{number}", "type": "price.set", "time": f"{day}T08:00:00Z", "product": "basic", "amount": amount}) + "\n")
        arguments = ["price_index", "--config", CONFIG, "--events", path, "--key", "product=basic", "--all"]
        told = run("kpictl", "explain", *arguments, "--as-of", "2025-10-27T08:00:00Z")
        self.assertRegex(told, r"own_price = 10, 1 current\n")
        self.assertRegex(told, r"p0  \+9  \[replaced by .*p1\]\n")
        self.assertRegex(told, r"p1  \+10\n    sum 10\n")
        told = json.loads(run("kpictl", "explain", *arguments, "--json", "--window", "7d", "--as-of", "2025-10-27T10:00:00Z"))["measures"][0]
        self.assertEqual((told["value"], [event["counts"] for event in told["events"]]), (0, [False, False]))

    def test_constants(self):
        told = explain("customer_lifetime_value", "--events", self.path, *self.options)
        self.assertIn(" * 60% * ", told["with_values"])

    def test_names_in_other_scripts(self):
        path = self.path + ".names"
        with open(path, "w", encoding="utf-8") as out:
            out.write(json.dumps({"id": "日本-1", "type": "price.set", "time": "2025-10-20T08:00:00Z", "product": "Größe\u202eXL\u001b[1m", "amount": 10}) + "\n")
        told = run("kpictl", "explain", "price_index", "--config", CONFIG, "--events", path, "--as-of", AS_OF)
        self.assertRegex(told, r"price.set +Größe.XL\?\[1m  日本-1  \+10\n")
        self.assertNotIn("\u001b", told)

    def test_pairs_have_both_ends(self):
        told = explain("response_time_mean", "--events", self.path, *self.options)
        measure, = told["measures"]
        self.assertGreater(measure["count"], 20)
        for event in measure["events"]:
            self.assertIn(event["type"], ("email.received", "call.completed"))
            self.assertIn(event["start"]["type"], ("email.sent", "proposal.sent"))
            self.assertEqual(event["start"]["customer"], event["customer"])
        total = sum(event["seconds"] for event in measure["events"])
        self.assertEqual(told["figure"]["numerator"], total)

    def test_what_was_taken_back(self):
        told = explain("open_deals", "--events", self.path, "--all", *self.options)["measures"][0]
        closed = [event for event in told["events"] if not event["counts"]]
        self.assertTrue(all(event["taken_back_by"]["type"] == "deal.closed" for event in closed), closed[:3])
        self.assertEqual(told["value"], len(told["events"]) - len(closed))
        self.assertGreater(len(closed), 20)

    def test_text(self):
        output = run("kpictl", "explain", "close_rate", "--config", CONFIG, "--events", "-", "--limit", 2, "--as-of", AS_OF, stdin=open(self.path, encoding="utf-8").read())
        self.assertRegex(output, r"(?m)^  formula      won / \(won \+ lost\)\n +(\d+) / \(\1 \+ \d+\)$")
        self.assertIn("""{count: deal.closed, where: "outcome == 'won'"}""", output)
        self.assertRegex(output, r"\.\.\. and \d+ more \(--limit\)")
        self.assertIn(" (2025-10-27T10:17:30Z)\n", output)

    def test_mistakes(self):
        for arguments, told in ((["close_rat", "--events", self.path], "there is no KPI 'close_rat'; did you mean 'close_rate'?"),
                                (["revenue", "--rep", "r1", "--events", self.path], "there is no rep 'r1' then; did you mean 'r01'?"),
                                (["revenue", "--window", "31d", "--events", self.path], "did you mean '30d'?"),
                                (["revenue", "--state", os.path.dirname(self.path) + "/none"], "there is no state"),
                                (["revenue", "--events", "none.jsonl"], "none.jsonl: No such file")):
            with self.subTest(told):
                done = run_any("kpictl", "explain", "--config", CONFIG, *arguments)
                self.assertEqual(done.returncode, 1)
                self.assertIn(told, done.stderr)
        self.assertEqual(run_any("kpictl", "explain").returncode, 2)


class Live(KafkaCase):
    def test_from_kafka_and_from_the_state_of_a_running_daemon(self):
        options = ["--seed", 42, "--end", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "--days", 60, "--customers", 100, "--reps", 5, "--teams", 2]
        path, roster = self.simulated_file(*options), self.roster(*options)
        self.create_topics()
        self.produce_history(*options)
        daemon = self.daemon(roster=roster).start()
        daemon.wait_caught_up()
        daemon.wait_consumed(self.ends())
        settings = ["--set", f"kafka.brokers={self.brokers}", "--set", f"kafka.topic_prefix={self.prefix}", "--set", f"roster.file={roster}", "--window", "month-1"]
        of_file = explain("revenue", *settings, "--events", path)
        of_kafka = explain("revenue", *settings, "--events", "kafka")
        self.assertEqual(of_kafka["measures"], of_file["measures"])
        self.assertEqual(of_kafka["figure"], of_file["figure"])

        def in_state():
            done = run_any("kpictl", "explain", "--config", CONFIG, "--json", "revenue", *settings, "--state", daemon.settings["checkpoint.directory"])
            return done.returncode == 0 and json.loads(done.stdout, parse_float=decimal.Decimal)["figure"] == of_file["figure"]

        wait_until(in_state, what="the figure in the checkpoints")
        planned = json.loads(run("kpictl", "plan", "--config", CONFIG, "--json", "revenue", *settings[:-2], "--state", daemon.settings["checkpoint.directory"],
                                 "--goal", "1000000000", "--by", time.strftime("%Y-12-31", time.gmtime())))
        self.assertEqual((planned["window"], round(planned["value"] + planned["needed"], 4)), ("year", 1000000000))
        self.assertTrue(daemon.running())
        self.assertEqual(0, daemon.terminate())
