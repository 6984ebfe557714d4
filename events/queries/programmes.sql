-- name: take_in_programme!
-- A programme as its last fact has it; known_since stays what the first one said.
INSERT INTO programmes_directory (
    programme_id, version, slug, names, status, language, languages, required_languages, time_zone, contact,
    municipalities, partners, target_groups, selling_points, activity_types, known_since
) VALUES (
    :programme_id, :version, :slug, :names, :status, :language, :languages, :required_languages, :time_zone, :contact,
    :municipalities, :partners, :target_groups, :selling_points, :activity_types, :moment
)
ON CONFLICT (programme_id) DO UPDATE SET
    version = excluded.version, slug = excluded.slug, names = excluded.names, status = excluded.status,
    language = excluded.language, languages = excluded.languages, required_languages = excluded.required_languages,
    time_zone = excluded.time_zone, contact = excluded.contact, municipalities = excluded.municipalities,
    partners = excluded.partners, target_groups = excluded.target_groups, selling_points = excluded.selling_points,
    activity_types = excluded.activity_types
WHERE programmes_directory.version <= excluded.version;

-- name: find_programme^
-- What we know of a programme.
SELECT {programmes_directory} FROM programmes_directory WHERE programme_id = :programme_id;

-- name: all_programmes
-- Every programme, for the calendar's names and filters; a directory, so readable without one.
SELECT {programmes_directory} FROM programmes_directory ORDER BY slug;
