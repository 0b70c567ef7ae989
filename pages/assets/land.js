// Outlines of the land as a layer of our maps: they come from here and need no network.
Object.assign(window.ninepatch, (function () {
  'use strict';

  const {graticule} = window.ninepatch;
  const TILE = 256;

  const x = longitude => (longitude + 180) / 360;
  const y = latitude => {
    const s = Math.sin(Math.max(-85.06, Math.min(85.06, latitude)) * Math.PI / 180);
    return 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
  };

  function withBox(points) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [px, py] of points) {
      left = Math.min(left, px); right = Math.max(right, px); top = Math.min(top, py); bottom = Math.max(bottom, py);
    }
    return {points, left, top, right, bottom};
  }

  // Past the 180th meridian the numbers jump by a whole world: go on instead.
  function unwrap(points) {
    let turn = 0, before = points[0][0];
    return points.map(([px, py]) => {
      turn += px - before > 0.5 ? -1 : px - before < -0.5 ? 1 : 0;
      before = px;
      return [px + turn, py];
    });
  }

  const atSeam = value => Math.abs(value - Math.round(value)) < 1e-6;
  const seam = (a, b) => atSeam(a[0]) && atSeam(b[0]); // where the 180th meridian cuts land there is no coast

  function closed(ring) { // Antarctica goes once around: close it below the world's lower edge
    const points = unwrap(ring), [first, last] = [points[0], points[points.length - 1]];
    return Math.abs(first[0] - last[0]) < 0.5 ? points : [...points, [last[0], 1.1], [first[0], 1.1]];
  }

  // TopoJSON (topojson-specification 1.0): arcs of quantised differences, shared by the shapes that they border.
  function decode(topology) {
    const {scale, translate} = topology.transform;
    const arcs = topology.arcs.map(arc => {
      let [u, v] = [0, 0];
      return arc.map(([du, dv]) => {
        u += du; v += dv;
        return [x(u * scale[0] + translate[0]), y(v * scale[1] + translate[1])];
      });
    });
    const uses = new Array(arcs.length).fill(0);
    const follow = indices => indices.flatMap((index, n) => {
      const arc = index < 0 ? [...arcs[~index]].reverse() : arcs[index];
      return n ? arc.slice(1) : arc;
    });
    const polygons = geometry => geometry.type === 'Polygon' ? [geometry.arcs] : geometry.arcs;
    for (const geometry of topology.objects.countries.geometries) {
      for (const polygon of polygons(geometry)) polygon.flat().forEach(index => { uses[index < 0 ? ~index : index] += 1; });
    }
    const inside = ([px, py]) => py < 0.999; // not where the world's edge cuts the land
    const lines = kept => arcs.filter((arc, index) => kept(uses[index]) && arc.some(inside)).map(arc => withBox(unwrap(arc)));
    return {
      land: topology.objects.land.geometries.flatMap(polygons).map(rings => {
        const parts = rings.map(ring => withBox(closed(follow(ring))));
        return {...parts[0], parts};
      }),
      coast: lines(count => count === 1),
      borders: lines(count => count > 1),
    };
  }

  const Outlines = L.GridLayer.extend({
    options: {
      pane: 'np-land', tileSize: TILE, updateWhenZooming: false, keepBuffer: 3, attribution: 'Made with Natural Earth',
    },
    show(world) { this._world = world; this.redraw(); },
    createTile(coords) {
      const canvas = document.createElement('canvas'), ratio = window.devicePixelRatio || 1;
      canvas.width = canvas.height = TILE * ratio;
      const pen = canvas.getContext('2d'), colours = this._map._npColours, scale = TILE * 2 ** coords.z;
      pen.scale(ratio, ratio);
      pen.fillStyle = colours.water;
      pen.fillRect(0, 0, TILE, TILE);
      const east = coords.x * TILE, south = coords.y * TILE, margin = 4 / scale;
      const seen = {
        left: east / scale - margin, right: (east + TILE) / scale + margin,
        top: south / scale - margin, bottom: (south + TILE) / scale + margin,
      };
      const worlds = shape => [-1, 0, 1].filter(turn => shape.left + turn < seen.right && shape.right + turn > seen.left
        && shape.top < seen.bottom && shape.bottom > seen.top);
      const trace = (points, turn, open) => points.forEach(([px, py], n) => pen[n && !(open && seam(points[n - 1], [px, py]))
        ? 'lineTo' : 'moveTo']((px + turn) * scale - east, py * scale - south));
      if (this._world) {
        const {land, coast, borders} = this._world;
        pen.beginPath();
        land.forEach(shape => worlds(shape).forEach(turn => shape.parts.forEach(ring => trace(ring.points, turn))));
        pen.fillStyle = colours.land;
        pen.fill('evenodd');
        this._graticule(pen, coords.z, scale, east, south, seen, colours);
        for (const [shapes, colour, width] of [[borders, colours.border, 0.8], [coast, colours.coast, 0.9]]) {
          pen.beginPath();
          shapes.forEach(shape => worlds(shape).forEach(turn => trace(shape.points, turn, true)));
          pen.strokeStyle = colour; pen.lineWidth = width; pen.lineJoin = 'round';
          pen.stroke();
        }
      }
      return canvas;
    },
    _graticule(pen, zoom, scale, east, south, seen, colours) {
      const step = graticule(zoom);
      pen.beginPath();
      for (let n = Math.floor((seen.left * 360 - 180) / step); n * step < seen.right * 360 - 180; n++) {
        pen.moveTo(x(n * step) * scale - east, 0); pen.lineTo(x(n * step) * scale - east, TILE);
      }
      const latitude = v => Math.atan(Math.sinh(Math.PI * (1 - 2 * v))) * 180 / Math.PI;
      for (let n = Math.floor(latitude(seen.bottom) / step); n * step < latitude(seen.top); n++) {
        pen.moveTo(0, y(n * step) * scale - south); pen.lineTo(TILE, y(n * step) * scale - south);
      }
      pen.strokeStyle = colours.graticule; pen.lineWidth = 1;
      pen.stroke();
    },
  });

  return {Outlines, TILE, decode};
})());
