// Numbers on the WGS 84 ellipsoid, for what is read off a map: metres of a UTM zone, distances, areas. Nothing of Leaflet.
window.ninepatch = (function () {
  'use strict';

  const A = 6378137, F = 1 / 298.257223563, E2 = F * (2 - F), E = Math.sqrt(E2);
  const N = F / (2 - F);
  const RECTIFYING = A / (1 + N) * (1 + N ** 2 / 4 + N ** 4 / 64);
  const SERIES = [N / 2 - 2 * N ** 2 / 3 + 5 * N ** 3 / 16, 13 * N ** 2 / 48 - 3 * N ** 3 / 5, 61 * N ** 3 / 240];
  const rad = degrees => degrees * Math.PI / 180;

  // Krüger's series for the transverse Mercator projection: a millimetre within a zone, centimetres in the next ones.
  function utm(epsg, latitude, longitude) {
    const phi = rad(latitude), lambda = rad(((longitude - (6 * (epsg % 100) - 183)) % 360 + 540) % 360 - 180);
    const t = Math.sinh(Math.atanh(Math.sin(phi)) - E * Math.atanh(E * Math.sin(phi)));
    const xi = Math.atan2(t, Math.cos(lambda)), eta = Math.asinh(Math.sin(lambda) / Math.hypot(t, Math.cos(lambda)));
    let [x, y] = [eta, xi];
    SERIES.forEach((alpha, n) => {
      const j = 2 * (n + 1);
      x += alpha * Math.cos(j * xi) * Math.sinh(j * eta);
      y += alpha * Math.sin(j * xi) * Math.cosh(j * eta);
    });
    return [500000 + 0.9996 * RECTIFYING * x, (epsg > 32700 ? 1e7 : 0) + 0.9996 * RECTIFYING * y];
  }

  // Lambert's formula for long lines: some metres over thousands of kilometres.
  function distance([lat1, lon1], [lat2, lon2]) {
    const [b1, b2] = [lat1, lat2].map(latitude => Math.atan((1 - F) * Math.tan(rad(latitude))));
    const h = Math.sin((b2 - b1) / 2) ** 2 + Math.cos(b1) * Math.cos(b2) * Math.sin(rad(lon2 - lon1) / 2) ** 2;
    const sigma = 2 * Math.asin(Math.min(1, Math.sqrt(h)));
    if (!sigma) return 0;
    const [p, q] = [(b1 + b2) / 2, (b2 - b1) / 2];
    const x = (sigma - Math.sin(sigma)) * (Math.sin(p) * Math.cos(q) / Math.cos(sigma / 2)) ** 2;
    const y = (sigma + Math.sin(sigma)) * (Math.cos(p) * Math.sin(q) / Math.sin(sigma / 2)) ** 2;
    return A * (sigma - F / 2 * (x + y));
  }

  const authalic = sine => (1 - E2) * (sine / (1 - E2 * sine ** 2) + Math.atanh(E * sine) / E); // q of Snyder's (3-12)
  const WHOLE = authalic(1), RADIUS = A * Math.sqrt(WHOLE / 2);

  // On the sphere of the same surface, by the spherical excess below each edge; the edges are great circles.
  function area(ring) {
    const places = ring.map(([lat, lon]) => [Math.asin(Math.max(-1, Math.min(1, authalic(Math.sin(rad(lat))) / WHOLE))), rad(lon)]);
    let sum = 0;
    places.forEach(([b1, l1], n) => {
      const [b2, l2] = places[(n + 1) % places.length];
      const turn = (l2 - l1 + 3 * Math.PI) % (2 * Math.PI) - Math.PI;
      const [t1, t2] = [Math.tan(b1 / 2), Math.tan(b2 / 2)];
      sum += 2 * Math.atan2(Math.tan(turn / 2) * (t1 + t2), 1 + t1 * t2);
    });
    return Math.abs(sum) * RADIUS ** 2;
  }

  const many = (value, digits) => value.toLocaleString('en', {maximumFractionDigits: digits});
  const length = metres => metres < 1000 ? `${many(metres, 0)} m` : `${many(metres / 1000, metres < 1e5 ? 2 : 0)} km`;
  const surface = metres => metres < 1e4 ? `${many(metres, 0)} m²` : metres < 1e6 ? `${many(metres / 1e4, 2)} ha`
    : `${many(metres / 1e6, metres < 1e8 ? 2 : 0)} km²`;

  // Degrees between the lines of the graticule at a zoom.
  const STEPS = [30, 30, 20, 10, 10, 5, 2, 1, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005];
  const graticule = zoom => STEPS[Math.max(0, Math.round(zoom))] || 0.002;
  const degrees = (value, letters, digits) => Math.abs(value) < 1e-9 ? '0°' : `${Math.abs(value).toFixed(digits)}° ${letters[+(value < 0)]}`;

  return {utm, distance, area, length, surface, graticule, degrees};
})();
