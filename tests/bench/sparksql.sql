wide_scan	SELECT count(*), sum(length(title)), max(unique_id), min(poster_name), avg(follower_count), count(category), sum(ind) FROM pin
like_filter	SELECT count(*), max(title), min(ind) FROM pin WHERE title LIKE '%blue%' AND poster_name LIKE 'A%'
million_million	SELECT count(*), sum(p.follower_count), avg(g.latitude) FROM pin p JOIN users u ON p.ind = u.ind JOIN geo g ON g.ind = p.ind WHERE u.age > 30
group_text	SELECT poster_name, count(*) AS n, max(follower_count) AS m FROM pin GROUP BY poster_name ORDER BY n DESC, poster_name LIMIT 20
group_coded	SELECT category, save_location, count(*) AS n, sum(follower_count) AS s, avg(ind) AS a FROM pin GROUP BY category, save_location ORDER BY category, save_location
count_distinct	SELECT category, count(DISTINCT poster_name) AS p, count(DISTINCT follower_count) AS f FROM pin GROUP BY category ORDER BY category
medians	SELECT category, percentile(follower_count, 0.5) AS m, percentile(follower_count, 0.9) AS n FROM pin GROUP BY category ORDER BY category
top_n	SELECT ind, title, follower_count FROM pin ORDER BY follower_count DESC, ind LIMIT 10
rank_window	SELECT category, poster_name, follower_count, place FROM (SELECT category, poster_name, follower_count, ind, rank() OVER (PARTITION BY category ORDER BY follower_count DESC, ind) AS place FROM pin) AS t WHERE place <= 3 ORDER BY category, place
string_functions	SELECT upper(substr(title, 1, 8)) AS k, count(*) AS n, max(length(concat(poster_name, '/', category))) AS l FROM pin WHERE replace(title, 'blue', 'b') <> title GROUP BY upper(substr(title, 1, 8)) ORDER BY n DESC, k LIMIT 20
running_sum	SELECT max(s), min(d), count(*) FROM (SELECT sum(ind) OVER (PARTITION BY country ORDER BY timestamp, ind ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS s, ind - lag(ind) OVER (PARTITION BY country ORDER BY timestamp, ind) AS d FROM geo) AS t
