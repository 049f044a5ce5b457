import django.db.models.deletion
import mailhold.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0001_initial'),
        ('policies', '0003_actions'),
    ]

    operations = [
        migrations.AddField(
            model_name='policyversion',
            name='agreed_by',
            field=models.CharField(blank=True, help_text='The second administrator; empty where none was needed.', max_length=320, verbose_name='agreed by'),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='changes',
            field=models.JSONField(default=None, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='frozen',
            field=models.TextField(blank=True, default='', editable=False),
        ),
        migrations.AlterField(
            model_name='policyversion',
            name='made_by',
            field=models.CharField(blank=True, help_text="A person's address; empty where the system acted.", max_length=2000, verbose_name='made by'),
        ),
        migrations.CreateModel(
            name='PolicyProposal',
            fields=[
                ('id', models.UUIDField(default=mailhold.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('agreed', 'agreed'), ('refused', 'refused'), ('withdrawn', 'withdrawn')], default='waiting', max_length=10, verbose_name='state')),
                ('base', models.PositiveIntegerField(verbose_name='version in force')),
                ('text', models.TextField(verbose_name='policies')),
                ('changes', models.JSONField(editable=False)),
                ('edition', models.PositiveIntegerField(default=1, editable=False)),
                ('authors', models.JSONField(default=list, editable=False)),
                ('opened_at', models.DateTimeField(verbose_name='since')),
                ('changed_at', models.DateTimeField(verbose_name='last changed at')),
                ('comment', models.TextField(blank=True, max_length=1000, verbose_name='why')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('decided_by', models.CharField(blank=True, max_length=320, verbose_name='decided by')),
                ('answer', models.TextField(blank=True, max_length=1000, verbose_name='comment')),
                ('alone', models.BooleanField(default=False, verbose_name='without a second administrator')),
                ('version', models.PositiveIntegerField(null=True, verbose_name='version')),
            ],
            options={
                'verbose_name': 'proposed change of the policies',
                'verbose_name_plural': 'proposed changes of the policies',
                'ordering': ('-id',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('state',), name='policy_proposal_waits_once'), models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'agreed', 'refused', 'withdrawn'))), name='policy_proposal_state_is_known')],
            },
        ),
        migrations.CreateModel(
            name='KeptDepartment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.department')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept_departments', to='policies.policyproposal')),
            ],
            options={
                'verbose_name': 'department of the policies in force',
                'verbose_name_plural': 'departments of the policies in force',
            },
        ),
    ]
