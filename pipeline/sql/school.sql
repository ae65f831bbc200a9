-- school: one row a year and unit that came, campuses included. Key: year, school_id.
select
    year, school_id, name, county_code, school_type, urban_rural, cast(is_public as boolean) as is_public,
    parent_school_id, district_id, group_id, group_role, merged_into <> school_id as is_merged
from unit
