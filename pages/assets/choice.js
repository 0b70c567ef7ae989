// The map of the area page: the area with its grid and tiles, and clicks, keys and drawings that reach the page at once.
// `area` in the data is drawn into Leaflet.draw's own group.
Object.assign(window.ninepatch, (function () {
  'use strict';

  const {TILE, base, fitOnceShown} = window.ninepatch;

  // --- what the page hears --------------------------------------------------------------------------------------
  // While the page runs, steps add up; the sum goes when it has answered.

  const PATIENCE = 10000; // ms after which an answer is no longer waited for: the page may have met a fault
  const events = new Events();
  let sent = 0, waiting = null;

  function tell(kind, told) {
    const [number, before, last] = events.unheard.at(-1) || [];
    if (number > sent && before === 'step' && kind === 'step') { last.dx += told.dx; last.dy += told.dy; }
    else events.add(kind, told);
    send();
  }

  function send() {
    if (waiting || events.count === sent || !window.Streamlit) return;
    sent = events.count;
    waiting = setTimeout(answered, PATIENCE);
    window.Streamlit.setComponentValue(events.told);
  }

  function answered() {
    clearTimeout(waiting);
    waiting = null;
    send();
  }

  function heard(data) { // what the page has answered by now
    const done = events.hear(data.heard || []);
    if (waiting && done.some(([number]) => number >= sent)) answered();
    return done.map(([, kind]) => kind);
  }

  const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
  const CANCEL = '.leaflet-draw-actions a[title^="Cancel"]';

  function listen(map, drawn) {
    let busy = false;
    map.on('draw:drawstart draw:editstart draw:deletestart', () => { busy = true; });
    map.on('draw:drawstop draw:editstop draw:deletestop', () => { setTimeout(() => { busy = false; }, 60); });
    map.on('click', event => {
      if (busy || map._npMeasuring) return;
      const place = map.wrapLatLng(event.latlng);
      tell('click', {latitude: place.lat, longitude: place.lng});
    });
    const uncase = () => { if (map._npCasing) map._npCasing.remove(); };
    const draw = edited => {
      uncase();
      map._npCasing = null;
      tell('drawing', {edited, features: drawn.toGeoJSON().features});
    };
    map.on('draw:created', event => { // a new shape takes the place of the area that was there
      drawn.eachLayer(layer => { if (layer !== event.layer) drawn.removeLayer(layer); });
      drawn.addLayer(event.layer);
      draw(false);
    });
    map.on('draw:edited draw:deleted', event => { if (event.layers.getLayers().length) draw(true); });
    map.on('draw:editstart draw:deletestart', uncase);
    map.on('draw:editstop draw:deletestop', () => { if (map._npCasing) map._npCasing.addTo(map); });

    const container = map.getContainer();
    container.setAttribute('role', 'application');
    container.setAttribute('aria-label', 'Map. Arrow keys move the centre tile, with Shift the map; plus and minus zoom.');
    container.addEventListener('keydown', event => { // before Leaflet, which moves the map by arrows
      const step = ARROWS[event.key];
      if (!step || event.target !== container || busy || map._npMeasuring || !(map._npData || {}).tiles) return;
      if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      tell('step', {dx: step[0], dy: step[1]});
    });
    document.addEventListener('keydown', event => { // Leaflet.draw hears Escape in some of its tools only
      if (event.key !== 'Escape' || !busy) return;
      const cancel = [...document.querySelectorAll(CANCEL)].find(link => link.offsetParent);
      if (cancel) { cancel.click(); container.focus({preventScroll: true}); }
    });
  }

  // --- area, grid and tiles -------------------------------------------------------------------------------------

  const PANES = [['np-held', 380], ['np-lines', 390], ['np-tiles', 420]];

  function start(map, drawn, options) {
    for (const [name, index] of PANES) {
      const pane = map.createPane(name);
      pane.style.zIndex = index;
      pane.style.pointerEvents = 'none';
    }
    map._npDrawn = drawn;
    map.on('np:dress', () => { if (map._npData) { map._npPainted = {}; paint(map); } });
    base(map, options);
    listen(map, drawn);
    map.on('zoomend', () => thin(map));
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
  const QUIET = {interactive: false, fill: false, smoothFactor: 0, lineJoin: 'round'};

  // Each part of what is painted stays until its data are others: a click paints the tiles, and not the grid.
  function part(map, name, data, make) {
    const key = JSON.stringify(data), painted = map._npPainted = map._npPainted || {};
    if (painted[name] === key) return;
    painted[name] = key;
    const groups = map._npGroups = map._npGroups || {};
    if (groups[name]) groups[name].remove();
    groups[name] = L.layerGroup().addTo(map);
    if (data) make(groups[name], map._npColours);
  }

  function paint(map) {
    const data = map._npData;
    part(map, 'held', data.held, (group, colours) => data.held.forEach(held => new Shape(held.rings.map(ring => [ring]), {
      ...QUIET, pane: 'np-held', stroke: false, fill: true, fillColor: colours.held[held.class - 1], fillOpacity: 0.7,
    }).addTo(group)));
    part(map, 'grid', data.grid, group => grid(map, data.grid, group));
    part(map, 'casing', data.area && data.key, (group, colours) => {
      map._npCasing = new Shape(data.area, {...QUIET, pane: 'np-lines', color: colours.casing, weight: 5, opacity: 0.75}).addTo(group);
    });
    part(map, 'tiles', data.tiles && [data.centre, data.tiles], (group, colours) => {
      const line = (places, colour, weight, opacity) =>
        new Line(places, {...QUIET, pane: 'np-tiles', color: colour, weight, opacity}).addTo(group);
      line(data.tiles, '#ffffff', 5.5, 0.95);
      new Shape(data.centre, {...QUIET, pane: 'np-tiles', stroke: false, fill: true, fillColor: colours.accent, fillOpacity: 0.4}).addTo(group);
      line(data.tiles, colours.accent, 2.5, 1);
      line(data.inner, '#ffffff', 2.4, 0.8);
      line(data.inner, colours.accent, 1, 1);
    });
    part(map, 'offered', data.offered && data.offeredKey, (group, colours) => {
      const shape = more => new Shape(data.offered, {...QUIET, pane: 'np-tiles', ...more}).addTo(group);
      shape({color: colours.casing, weight: 5, opacity: 0.75});
      shape({color: colours.accent, weight: 2.5, dashArray: '7 6', fill: true, fillColor: colours.accent, fillOpacity: 0.08});
    });
  }

  const fetched = new Map(); // address of lines: the lines, or their promise

  async function grid(map, address, group) { // the lines come by an address of their own, once: a click does not bring them
    if (!fetched.has(address)) {
      fetched.clear();
      fetched.set(address, fetch(address).then(answer => answer.ok ? answer.json() : []).catch(() => []));
    }
    const lines = await fetched.get(address);
    if (!lines.length) { fetched.delete(address); delete map._npPainted.grid; } // the next event asks again
    if (map._npGroups.grid !== group) return; // another grid, or other colours, came meanwhile
    group._npLines = new Line(lines, {...QUIET, pane: 'np-lines', color: map._npColours.grid, weight: 0.8});
    thin(map);
  }

  function thin(map) { // lines closer than a few pixels are a solid block, and say nothing
    const group = (map._npGroups || {}).grid, lines = group && group._npLines;
    if (!lines) return;
    const metres = 40075016 * Math.cos(map.getCenter().lat * Math.PI / 180) / (TILE * 2 ** map.getZoom());
    const apart = map._npData.tile / metres;
    if (apart < 3) { group.removeLayer(lines); return; }
    lines.setStyle({opacity: apart < 8 ? 0.25 : 0.5});
    group.addLayer(lines);
  }

  function place(map) { // the area goes into the group that can be edited, or beside it where it is too fine for that
    const data = map._npData, drawn = map._npDrawn;
    drawn.clearLayers();
    if (map._npFine) map._npFine.remove();
    const group = data.editable ? drawn : (map._npFine = L.layerGroup().addTo(map));
    (data.area || []).forEach(rings => group.addLayer(
      new Shape(rings, {className: 'np-area', weight: 2, fill: true, fillOpacity: 0.03, interactive: data.editable})));
  }

  // The map goes to an area that comes from elsewhere. What was drawn on it, or is undone, is where the person looks;
  // only where none of it would be seen the map goes there too.
  function follow(map, before, data) {
    const seen = bounds => map.getBounds().intersects(bounds);
    if (data.offered) {
      if (data.offeredKey !== before.offeredKey && !(before.offered && map.getBounds().contains(data.bounds))) fitOnceShown(map);
    } else if (data.key && (data.key !== before.key || before.offered)) {
      const still = data.still || data.key === before.offeredKey || data.key === before.key;
      if (!before.shown || !still || !seen(data.bounds)) fitOnceShown(map);
    }
  }

  function reveal(map) { // just so far that the centre tile is in view
    const margin = 12, size = map.getSize(), tile = L.latLngBounds(map._npData.centre);
    const corner = map.latLngToContainerPoint(tile.getNorthWest()), other = map.latLngToContainerPoint(tile.getSouthEast());
    const off = (low, high, most) => high - low + 2 * margin > most ? (low + high - most) / 2
      : low < margin ? low - margin : Math.max(0, high - most + margin);
    const away = [off(corner.x, other.x, size.x), off(corner.y, other.y, size.y)].map(Math.trunc);
    if (away.some(Boolean)) map.panBy(away, {animate: false});
  }

  function show(map, data) {
    const before = map._npData || {}, done = heard(data);
    map._npData = {...data, shown: true};
    if (before.key !== data.key || done.includes('drawing')) { // one that was refused goes, too
      place(map);
      delete (map._npPainted || {}).casing;
    }
    follow(map, before, data);
    paint(map);
    map.fire('np:shown');
    if (done.includes('step') && data.centre) reveal(map);
  }

  // --- words ----------------------------------------------------------------------------------------------------

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

  return {show, start};
})());
