// What our maps add to Leaflet: outlines of the land that need no network, the area with its grid and tiles, and
// clicks and drawings that reach the page at once. `area` in the data is drawn into Leaflet.draw's own group.
window.ninepatch = (function () {
  'use strict';

  const LIGHT = {
    water: '#e4e9ec', land: '#f6f6f3', coast: '#8f9ba3', border: '#c3c9cd', graticule: 'rgba(70,95,110,.14)',
    ink: '#1f272d', casing: '#ffffff', grid: '#3f4d57', accent: '#a63a08',
  };
  const DARK = {
    water: '#12171a', land: '#1f262b', coast: '#56636c', border: '#36414a', graticule: 'rgba(190,210,225,.09)',
    ink: '#eef2f4', casing: '#0c0f11', grid: '#9fb0bb', accent: '#ff8a4c',
  };
  const TILE = 256;

  // --- for screen readers: the frame has a name, and what is drawn is in the page's fields and tables ----------

  try { window.frameElement.setAttribute('aria-label', 'Map'); } catch (error) { /* another origin */ }
  L.SVG.addInitHook(function () { this.on('add', () => this._container.setAttribute('aria-hidden', 'true')); });

  // --- the page around: is it dark? ---------------------------------------------------------------------------

  function isDark() {
    try {
      const app = window.parent.document.querySelector('.stApp') || window.parent.document.body;
      const [r, g, b] = window.parent.getComputedStyle(app).backgroundColor.match(/[\d.]+/g).map(Number);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
    } catch (error) {
      return window.matchMedia('(prefers-color-scheme: dark)').matches;
    }
  }

  function borrowFonts() { // the page's own typeface, from where the page has it
    try {
      const faces = [];
      for (const sheet of window.parent.document.styleSheets) {
        const base = sheet.href || window.parent.document.baseURI;
        for (const rule of sheet.cssRules) {
          if (rule instanceof window.parent.CSSFontFaceRule && /Source Sans/.test(rule.style.getPropertyValue('font-family'))) {
            faces.push(rule.cssText.replace(/url\(["']?([^"')]+)["']?\)/g, (_, at) => `url("${new URL(at, base)}")`));
          }
        }
      }
      const style = document.createElement('style');
      style.textContent = faces.join('\n');
      document.head.appendChild(style);
    } catch (error) { /* another origin: the system's typeface does */ }
  }

  // --- outlines of the land -----------------------------------------------------------------------------------

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
      const step = [30, 30, 20, 10, 10, 5, 2, 1, 1, 0.5, 0.2, 0.1][zoom] || 0.1;
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

  // --- what the page hears ------------------------------------------------------------------------------------

  let told = 0;
  const session = Math.random().toString(36).slice(2);

  function tell(value) {
    const id = `${session}-${++told}`;
    if (window.Streamlit) window.Streamlit.setComponentValue({...value, id});
    return id;
  }

  function listen(map, drawn) {
    let busy = false;
    map.on('draw:drawstart draw:editstart draw:deletestart', () => { busy = true; });
    map.on('draw:drawstop draw:editstop draw:deletestop', () => { setTimeout(() => { busy = false; }, 60); });
    map.on('click', event => {
      if (busy) return;
      const place = map.wrapLatLng(event.latlng);
      tell({event: 'click', latitude: place.lat, longitude: place.lng});
    });
    const draw = edited => { map._npDrawing = tell({event: 'drawing', edited, features: drawn.toGeoJSON().features}); };
    map.on('draw:created', event => { // a new shape takes the place of the area that was there
      drawn.eachLayer(layer => { if (layer !== event.layer) drawn.removeLayer(layer); });
      drawn.addLayer(event.layer);
      draw(false);
    });
    map.on('draw:edited draw:deleted', () => draw(true));
    map.on('draw:editstart draw:deletestart', () => { if (map._npCasing) map._npCasing.remove(); });
  }

  // --- the map ------------------------------------------------------------------------------------------------

  function layers(map, options) {
    const land = new Outlines().addTo(map);
    fetch(options.land).then(answer => answer.json()).then(topology => land.show(decode(topology)));
    map._npLand = land;
    if (!options.online) return;
    const streets = L.tileLayer('https://tile.openstreetmap.org/{z}/{x}/{y}.png', {
      maxZoom: 19, className: 'np-quiet', attribution: '© OpenStreetMap contributors',
    }).addTo(map);
    const satellite = L.tileLayer(
      'https://tiles.maps.eox.at/wmts/1.0.0/s2cloudless-2020_3857/default/g/{z}/{y}/{x}.jpg', {
        maxNativeZoom: 15, maxZoom: 19,
        attribution: 'Sentinel-2 cloudless by EOX (contains modified Copernicus Sentinel data 2020)',
      });
    L.control.layers({'Streets': streets, 'Satellite': satellite, 'Outlines': L.layerGroup()}, {}, {collapsed: true}).addTo(map);
  }

  function dress(map) {
    const dark = isDark();
    if (map._npDark === dark) return;
    map._npDark = dark;
    map._npColours = dark ? DARK : LIGHT;
    document.documentElement.classList.toggle('np-dark', dark);
    if (map._npLand) map._npLand.redraw();
    if (map._npData) paint(map);
  }

  function base(map, options) { // what every map of ours has
    map.createPane('np-land').style.zIndex = 150;
    borrowFonts();
    dress(map);
    layers(map, options);
    map.attributionControl.setPrefix('<a href="https://leafletjs.com" target="_blank" rel="noopener">Leaflet</a>');
    L.control.scale({imperial: false, position: 'bottomleft'}).addTo(map);
    home(map);
    window.addEventListener('message', event => {
      if (event.data && event.data.type === 'streamlit:render') setTimeout(() => dress(map), 50);
    });
  }

  function start(map, drawn, options) {
    for (const [name, index] of [['np-lines', 390], ['np-tiles', 420]]) {
      const pane = map.createPane(name);
      pane.style.zIndex = index;
      pane.style.pointerEvents = 'none';
    }
    map._npDrawn = drawn;
    base(map, options);
    listen(map, drawn);
    map.on('zoomend', () => thin(map));
  }

  function home(map) {
    const Home = L.Control.extend({
      onAdd() {
        const bar = L.DomUtil.create('div', 'leaflet-bar np-home'), button = L.DomUtil.create('a', '', bar);
        button.href = '#'; button.title = 'Show the whole area'; button.setAttribute('role', 'button');
        button.setAttribute('aria-label', button.title);
        L.DomEvent.disableClickPropagation(bar);
        L.DomEvent.on(button, 'click', event => { L.DomEvent.preventDefault(event); fit(map); });
        return bar;
      },
    });
    new Home({position: 'topleft'}).addTo(map);
  }

  function fit(map) {
    const bounds = map._npData && map._npData.bounds;
    if (bounds) map.fitBounds(bounds, {padding: [24, 24], animate: false});
  }

  function fitOnceShown(map) {
    const container = map.getContainer();
    if (container.clientWidth > 0 && container.clientHeight > 0) { map.invalidateSize(false); fit(map); return; }
    const watch = new ResizeObserver(() => {
      if (container.clientWidth > 0 && container.clientHeight > 0) { watch.disconnect(); fitOnceShown(map); }
    });
    watch.observe(container);
  }

  // --- area, grid and tiles -----------------------------------------------------------------------------------

  function thin(map) { // lines closer than a few pixels are a solid block, and say nothing
    const data = map._npData;
    if (!data || !map._npGrid) return;
    const metres = 40075016 * Math.cos(map.getCenter().lat * Math.PI / 180) / (TILE * 2 ** map.getZoom());
    const apart = data.tile / metres;
    map._npGrid.setStyle({opacity: apart < 3 ? 0 : apart < 8 ? 0.25 : 0.5});
  }

  // Leaflet rounds corners to whole pixels, and a straight side of several parts would wobble.
  const exact = {
    _projectLatlngs(places, result, bounds) {
      if (!(places[0] instanceof L.LatLng)) { places.forEach(part => this._projectLatlngs(part, result, bounds)); return; }
      const origin = this._map.getPixelOrigin();
      result.push(places.map(at => this._map.project(at).subtract(origin)));
      result[result.length - 1].forEach(point => bounds.extend(point));
    },
  };
  const Line = L.Polyline.extend(exact), Shape = L.Polygon.extend(exact);

  function paint(map) {
    const data = map._npData, colours = map._npColours;
    if (map._npOverlay) map._npOverlay.remove();
    const overlay = map._npOverlay = L.layerGroup().addTo(map);
    const quiet = {interactive: false, fill: false, smoothFactor: 0, lineJoin: 'round'};
    const line = (places, pane, colour, weight, more) =>
      new Line(places, {...quiet, pane, color: colour, weight, ...more}).addTo(overlay);
    map._npGrid = data.grid ? line(data.grid, 'np-lines', colours.grid, 0.8, {opacity: 0.5}) : null;
    map._npCasing = data.area
      ? new Shape(data.area, {...quiet, pane: 'np-lines', color: colours.casing, weight: 5, opacity: 0.75}).addTo(overlay) : null;
    if (data.tiles) {
      line(data.tiles, 'np-tiles', '#ffffff', 5.5, {opacity: 0.95});
      new Shape(data.centre, {...quiet, pane: 'np-tiles', stroke: false, fill: true, fillColor: colours.accent, fillOpacity: 0.4}).addTo(overlay);
      line(data.tiles, 'np-tiles', colours.accent, 2.5, {opacity: 1});
      line(data.inner, 'np-tiles', '#ffffff', 2.4, {opacity: 0.8});
      line(data.inner, 'np-tiles', colours.accent, 1, {opacity: 1});
    }
    thin(map);
  }

  function place(map) { // the area goes into the group that can be edited, or beside it where it is too fine for that
    const data = map._npData, drawn = map._npDrawn;
    drawn.clearLayers();
    if (map._npFine) map._npFine.remove();
    const group = data.editable ? drawn : (map._npFine = L.layerGroup().addTo(map));
    (data.area || []).forEach(rings => group.addLayer(
      new Shape(rings, {className: 'np-area', weight: 2, fill: true, fillOpacity: 0.03, interactive: data.editable})));
  }

  function show(map, data) {
    const before = map._npData;
    map._npData = data;
    if (!before || before.key !== data.key) {
      place(map);
      if (data.key && (!data.drawing || data.drawing !== map._npDrawing)) fitOnceShown(map);
    }
    paint(map);
  }

  if (L.drawLocal) {
    const {toolbar, handlers} = L.drawLocal.draw, edit = L.drawLocal.edit;
    toolbar.buttons.rectangle = 'Draw a rectangle';
    toolbar.buttons.polygon = 'Draw a polygon';
    handlers.rectangle.tooltip.start = 'Press, drag and let go.';
    handlers.simpleshape.tooltip.end = 'Let go to finish.';
    handlers.polygon.tooltip = {
      start: 'Click where the outline begins.', cont: 'Click the next corner.', end: 'Click the first corner to close.',
    };
    handlers.polyline.error = '<strong>The outline must not cross itself.</strong>';
    edit.toolbar.buttons = {
      edit: 'Move the corners', editDisabled: 'No area to edit', remove: 'Delete the area', removeDisabled: 'No area to delete',
    };
    edit.handlers.edit.tooltip = {text: 'Drag the corners, then save.', subtext: ''};
    edit.handlers.remove.tooltip = {text: 'Click the area, then save.'};
  }

  return {base, fitOnceShown, show, start};
})();
