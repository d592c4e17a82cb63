"""What patrols have covered is drawn once, and kept together for each worker and grid."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from models.migration_steps import Together


class Migration(migrations.Migration):
    dependencies = [("models", "0034_exits")]

    initial = False

    operations = [
        Together(
            ops.CreateModel(
                name='PatrolGround',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('patrol', fields.ForeignKeyField('models.Patrol', source_field='patrol_id', db_constraint=True, to_field='id', related_name='grounds', on_delete=OnDelete.CASCADE)),
                    ('day', fields.DateField(description='of the patrol')),
                    ('ring', fields.CharField(description='the sum of the boundary on which it is drawn', max_length=32)),
                    ('sealed', fields.TextField(description='see services.ports.Cipher and services.coverages', unique=False)),
                ],
                options={'table': 'patrol_ground', 'app': 'models', 'unique_together': (('patrol_id',),), 'indexes': [Index(fields=['day'])], 'pk_attr': 'id', 'table_description': 'What of its grid a patrol has covered, drawn when it is measured, and sealed: it says where somebody went.'},
                bases=['Model'],
            ),
            ops.CreateModel(
                name='GridCoverage',
                fields=[
                    ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ('person_id', fields.BigIntField()),
                    ('region', fields.ForeignKeyField('models.Region', source_field='region_id', db_constraint=True, to_field='id', related_name='coverages', on_delete=OnDelete.CASCADE)),
                    ('day', fields.DateField()),
                    ('days', fields.SmallIntField(default=1, description='of a cycle: five for a large grid, one for a small one')),
                    ('share', fields.FloatField(default=0.0, description='0 to 1 of the grid')),
                    ('missing', fields.CharField(default='', description='domain.coverage.Part, with spaces between', max_length=120)),
                    ('stale', fields.BooleanField(default=True, description='something was measured or excused since')),
                ],
                options={'table': 'grid_coverage', 'app': 'models', 'unique_together': (('person_id', 'region_id'),), 'indexes': [Index(fields=['region_id']), Index(fields=['day'])], 'pk_attr': 'id', 'table_description': "How much of their grid a worker's patrols have covered in the cycle that ends with ``day``."},
                bases=['Model'],
            ),
            ops.RunSQL(
                ["CREATE INDEX grid_coverage_stale ON grid_coverage (id) WHERE stale"],
                ["DROP INDEX grid_coverage_stale"],
            ),
        ),
    ]
