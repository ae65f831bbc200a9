-- school_scope: one row a year, standard, school and stage: whether the standard counts it, and why not.
-- Key: year, standard_id, school_id, stage. The first rule of the standard's scope that holds leaves a row out.
{%- import "macros.jinja" as m %}
with
judged as (
    {%- for standard in standards %}
    select year, '{{ standard.id }}' as standard_id, school_id, stage, {{ m.left_out_by(standard) }} as rule_no
    from school_stage
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)
select
    j.year, j.standard_id, j.school_id, j.stage, j.rule_no is null as is_counted,
    r.rule_id, r.reason_zh, r.reason_en, r.reason_zh as reason, r.clause
from judged as j
left join scope_rule as r on r.standard_id = j.standard_id and r.rule_no = j.rule_no
