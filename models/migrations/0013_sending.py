"""Who sends, which ways to people are shut, and what WeChat tells afterwards."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [("models", "0012_search")]

    operations = [
        Together(
            ops.CreateModel(
                name="Sender",
                fields=[
                    ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("host", fields.CharField(max_length=80)),
                    ("pid", fields.IntField()),
                    ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    (
                        "gone_since",
                        fields.DatetimeField(null=True, auto_now=False, auto_now_add=False, description="since when its lock was seen to be free; empty while it lives"),
                    ),
                ],
                options={
                    "table": "sender",
                    "app": "models",
                    "pk_attr": "id",
                    "table_description": "A process that sends. It holds an advisory lock with this number for as long as its session lives.",
                },
                bases=["Model"],
            ),
            ops.CreateModel(
                name="ChannelPause",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("appid", fields.CharField(max_length=40)),
                    ("channel", fields.CharField(max_length=10, description="a channel, or * for the whole account")),
                    ("kind", fields.CharField(max_length=8, description="minute | day | broken")),
                    ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ("until", fields.DatetimeField(auto_now=False, auto_now_add=False, description="then it opens by itself; of a broken one, when to probe it")),
                    ("tries", fields.SmallIntField(default=0, description="probes that failed")),
                    ("errcode", fields.IntField(default=0)),
                    ("reason", fields.CharField(default="", max_length=200)),
                ],
                options={
                    "table": "channel_pause",
                    "app": "models",
                    "unique_together": (("appid", "channel"),),
                    "pk_attr": "id",
                    "table_description": "A way to people that is shut for all processes at once: a quota used up, or something that is ours to mend.",
                },
                bases=["Model"],
            ),
            ops.CreateModel(
                name="SendReport",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("appid", fields.CharField(max_length=40)),
                    ("openid", fields.CharField(max_length=64)),
                    ("msgid", fields.BigIntField(unique=True)),
                    ("status", fields.CharField(max_length=80)),
                    ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={
                    "table": "send_report",
                    "app": "models",
                    "indexes": [Index(fields=["at"])],
                    "pk_attr": "id",
                    "table_description": "What WeChat told afterwards of a message that it had taken: only what did not arrive is kept, for some days.",
                },
                bases=["Model"],
            ),
            ops.CreateModel(
                name="Subscription",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("appid", fields.CharField(max_length=40)),
                    ("openid", fields.CharField(max_length=64)),
                    ("template_id", fields.CharField(max_length=64)),
                    ("left_over", fields.SmallIntField(default=0)),
                    ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ],
                options={
                    "table": "subscription",
                    "app": "models",
                    "unique_together": (("appid", "openid", "template_id"),),
                    "pk_attr": "id",
                    "table_description": "How many messages of one template somebody has agreed to and not had yet: WeChat tells nobody, so we count.",
                },
                bases=["Model"],
            ),
            ops.CreateModel(
                name="MassSend",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("notice_id", fields.BigIntField()),
                    ("chunk", fields.IntField()),
                    ("client_id", fields.CharField(max_length=64, unique=True, description="by this WeChat knows a repeat, for a day")),
                    (
                        "state",
                        fields.CharField(default="planned", max_length=8, description="planned | sending | taken | finished | failed | refused | unknown | dropped"),
                    ),
                    ("size", fields.IntField()),
                    ("unsure", fields.BooleanField(default=False, description="an earlier attempt may have been taken")),
                    ("attempts", fields.SmallIntField(default=0)),
                    ("next_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                    ("first_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ("claimed_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ("msg_id", fields.BigIntField(null=True)),
                    ("taken_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ("polled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                    ("sent", fields.IntField(null=True, description="as WeChat counted them in the end")),
                    ("failed", fields.IntField(null=True)),
                    ("reason", fields.CharField(default="", max_length=200)),
                ],
                options={
                    "table": "mass_send",
                    "app": "models",
                    "unique_together": (("notice_id", "chunk"),),
                    "pk_attr": "id",
                    "table_description": "One mass message: a chunk of a notice's recipients, whose deliveries bear its number.",
                },
                bases=["Model"],
            ),
            ops.AddField("Delivery", "mass_id", fields.BigIntField(null=True, description="the mass message that it went or goes with")),
            ops.AddField("Delivery", "sender", fields.IntField(null=True, description="the process that claimed it last")),
            ops.AddField(
                "Delivery", "msgid", fields.BigIntField(null=True, description="WeChat's own number of it")
            ),
            ops.RunSQL(
                [
                    "CREATE INDEX delivery_mass ON delivery (mass_id) WHERE mass_id IS NOT NULL",
                    "CREATE INDEX mass_open ON mass_send (id) WHERE state IN ('planned', 'sending', 'taken')",
                ],
                ["DROP INDEX delivery_mass", "DROP INDEX mass_open"],
            ),
        ),
    ]
