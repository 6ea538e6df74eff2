-- Why an instance is not admitted, as message codes with arguments (core/instance/admission-reason.ts), which readers render in their language.
-- Null beside a text: the row is of an earlier release, whose servers expect a text, empty now; those that can be are converted here. Few instances are not admitted at a time.
alter table instances add column admission_messages jsonb;

update instances set
  admission_messages = jsonb_build_array(jsonb_build_object('code', 'JoinedWithToken', 'arguments', jsonb_build_object(
    'token', substring(admission_reason from '^It joined with ([^,]+), from '),
    'address', coalesce(nullif(substring(admission_reason from '^It joined with [^,]+, from (.+)\.$'), 'an unknown address'), '')
  ))),
  admission_reason = ''
where admission <> 'admitted' and admission_reason ~ '^It joined with [^,]+, from .+\.$';

update instances i set
  admission_messages = jsonb_build_array(jsonb_build_object('code', known.code, 'arguments', jsonb_build_object(
    'address', coalesce(nullif(substring(admission_reason from ' It came from (.+)\.$'), 'an unknown address'), '')
  ))),
  admission_reason = ''
from (values
  ('KeyReplaced', 'An agent connected with a key that had been replaced:%'),
  ('FingerprintMissing', 'An agent connected without a part of the fingerprint %'),
  ('FingerprintChanged', 'An agent connected from a machine with another fingerprint:%'),
  ('ConnectedTwice', 'Two agents connect with the identity of this instance in turns:%')
) as known (code, pattern)
where admission <> 'admitted' and admission_reason like known.pattern;
