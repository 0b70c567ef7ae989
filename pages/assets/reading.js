// What is read off every map of ours: degrees at its edges, and where the pointer is, in WGS 84 and in tiles of the grid.
Object.assign(window.ninepatch, (function () {
  'use strict';

  const {utm, graticule, degrees} = window.ninepatch;
  const AGAIN = 2000; // ms after which runs of tiles that did not come are asked for again
  const CORNER = 56; // pixels at an end of an edge that controls take

  // --- degrees at the edges -------------------------------------------------------------------------------------

  function labels(map) {
    const box = L.DomUtil.create('div', 'np-degrees', map.getContainer());
    box.setAttribute('aria-hidden', 'true');
    const put = (text, side, at) => {
      const node = L.DomUtil.create('span', side, box);
      node.textContent = text;
      node.style[side === 'top' ? 'left' : 'top'] = `${at}px`;
    };
    const draw = () => {
      box.replaceChildren();
      const size = map.getSize(), bounds = map.getBounds(), step = graticule(map.getZoom());
      const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
      const middle = map.getCenter();
      let last = -Infinity;
      for (let n = Math.ceil(bounds.getWest() / step); n * step <= bounds.getEast(); n++) {
        const at = map.latLngToContainerPoint([middle.lat, n * step]).x, longitude = ((n * step + 180) % 360 + 360) % 360 - 180;
        if (at < CORNER || at > size.x - CORNER || at - last < 64) continue;
        put(degrees(longitude, 'EW', digits), 'top', last = at);
      }
      last = Infinity;
      for (let n = Math.ceil(bounds.getSouth() / step); n * step <= bounds.getNorth(); n++) {
        const at = map.latLngToContainerPoint([n * step, middle.lng]).y;
        if (at < 2 * CORNER || at > size.y - CORNER || last - at < 36 || Math.abs(n * step) > 85) continue;
        put(degrees(n * step, 'NS', digits), 'right', last = at);
      }
    };
    map.on('move zoomend resize viewreset', draw);
    map.whenReady(draw);
  }

  // --- where the pointer is -------------------------------------------------------------------------------------

  const known = new Map(); // address of the runs of tiles: the runs, or null while they come

  function runs(address, come) { // once for each grid
    if (!known.has(address)) {
      known.clear();
      known.set(address, null);
      fetch(address).then(answer => answer.ok ? answer.json() : []).catch(() => []).then(found => {
        known.set(address, found);
        if (!found.length) setTimeout(() => known.delete(address), AGAIN);
        come();
      });
    }
    return known.get(address) || [];
  }

  function tileAt(lattice, place, found) { // its column and row, and its number among the tiles of the area
    const [x, y] = utm(lattice.epsg, place.lat, place.lng);
    const column = Math.floor((x - lattice.x0) / lattice.dx), row = Math.floor((y - lattice.y0) / lattice.dy);
    const run = found.find(([at, low, high]) => at === column && low <= row && row <= high);
    return {column, row, number: run ? run[3] + row - run[1] : null};
  }

  function words(map, place, come) {
    const at = map.wrapLatLng(place), digits = Math.min(5, Math.max(1, Math.round(map.getZoom() / 3)));
    const fixed = (value, letters) => `${Math.abs(value).toFixed(digits)}° ${letters[+(value < 0)]}`;
    const found = [`${fixed(at.lat, 'NS')}, ${fixed(at.lng, 'EW')}`];
    const lattice = map._npData && map._npData.lattice;
    if (lattice && Math.abs(at.lat) < 84) {
      const tile = tileAt(lattice, at, runs(lattice.runs, come));
      if (tile.number !== null) found.push(`tile ${tile.column},${tile.row} · number ${tile.number.toLocaleString('en')}`);
    }
    return found;
  }

  function pointer(map) {
    const Pointer = L.Control.extend({
      onAdd() {
        const box = L.DomUtil.create('div', 'np-pointer');
        box.title = 'Where the pointer is, in WGS 84; the middle of the map while it is elsewhere';
        let last = null;
        const again = () => { if (last) show(last); };
        const show = place => box.replaceChildren(...words(map, last = place, again).map(text => {
          const node = document.createElement('span');
          node.textContent = text;
          return node;
        }));
        let over = false;
        map.on('mousemove click', event => { over = true; show(event.latlng); });
        map.on('mouseout', () => { over = false; show(map.getCenter()); });
        map.on('move zoomend', () => { if (!over) show(map.getCenter()); });
        map.on('np:shown', again);
        map.whenReady(() => show(map.getCenter()));
        return box;
      },
    });
    new Pointer({position: 'bottomright'}).addTo(map);
  }

  function reading(map) {
    labels(map);
    pointer(map);
  }

  return {reading};
})());
