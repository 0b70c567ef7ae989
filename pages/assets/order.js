// The parts of an order on a map, each in the colour of its state. Where they lie comes once, by an address of its own;
// their states come as one letter each.
(function () {
  'use strict';

  const QUIET = {interactive: false, smoothFactor: 0, lineJoin: 'round'};
  const fetched = new Map(); // address: promise of the parts' corners

  function corners(address) {
    if (!fetched.has(address)) {
      fetched.clear();
      fetched.set(address, fetch(address).then(answer => answer.ok ? answer.json() : []).catch(() => []));
    }
    return fetched.get(address);
  }

  function paint(group, parts, data) {
    const byState = {};
    parts.forEach((ring, number) => {
      const name = data.names[data.states[number]];
      if (name) (byState[name] = byState[name] || []).push(ring);
    });
    for (const [name, rings] of Object.entries(byState)) {
      L.polygon(rings.map(ring => [ring]), {...QUIET, className: `np-part np-part-${name}`}).addTo(group);
      const crosses = rings.flatMap(ring => (data.crossed[name] || []).map(([from, to]) => [ring[from], ring[to]]));
      if (crosses.length) L.polyline(crosses, {...QUIET, className: 'np-part-cross'}).addTo(group);
    }
    if (data.area) L.polygon(data.area, {...QUIET, fill: false, weight: 2, className: 'np-area'}).addTo(group);
  }

  ninepatch.order = async function (map, data) {
    const before = map._npData;
    map._npData = data;
    if (!before || String(before.bounds) !== String(data.bounds)) ninepatch.fitOnceShown(map);
    const parts = await corners(data.parts);
    if (!parts.length) fetched.delete(data.parts); // the next look asks again
    if (map._npData !== data) return; // others came meanwhile
    const group = L.layerGroup();
    paint(group, parts, data);
    group.addTo(map);
    if (map._npParts) map._npParts.remove();
    map._npParts = group;
    map.getContainer().dataset.states = data.states;
  };

  ninepatch.beginOrder = function (map, options) {
    map.getContainer().classList.add('np-parts');
    ninepatch.base(map, options);
  };
})();
