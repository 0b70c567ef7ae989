// A picture as a layer of a map: its tiles over the land, and how far one sees through them in the person's hands.
(function () {
  'use strict';

  function opacity(map) {
    const Opacity = L.Control.extend({
      onAdd() {
        const bar = L.DomUtil.create('div', 'leaflet-bar np-opacity'), label = L.DomUtil.create('label', '', bar);
        const words = L.DomUtil.create('span', '', label), range = L.DomUtil.create('input', '', label);
        const value = L.DomUtil.create('output', '', label);
        words.textContent = 'Picture';
        range.type = 'range'; range.min = 0; range.max = 100; range.step = 5; range.value = 100;
        range.setAttribute('aria-label', 'Opacity of the picture');
        const say = () => {
          value.textContent = `${range.value} %`;
          range.setAttribute('aria-valuetext', value.textContent);
          map._npOpacity = range.value / 100;
          if (map._npPicture) map._npPicture.setOpacity(map._npOpacity);
        };
        range.addEventListener('input', say);
        say();
        L.DomEvent.disableClickPropagation(bar);
        L.DomEvent.disableScrollPropagation(bar);
        return bar;
      },
    });
    new Opacity({position: 'topright'}).addTo(map);
  }

  // Once, when the map is put up.
  ninepatch.picture = function (map, options) {
    ninepatch.base(map, options);
    opacity(map);
  };

  // Leaflet brings a tile to within ±180° before it looks whether it is in the bounds; those of a picture across the
  // 180th meridian go on beyond. So the tile is looked for in the bounds' own turn.
  const Picture = L.TileLayer.extend({
    _tileCoordsToBounds(coords) {
      const tile = L.TileLayer.prototype._tileCoordsToBounds.call(this, coords);
      const turn = 360 * Math.round((this.options.bounds.getCenter().lng - tile.getCenter().lng) / 360);
      return L.latLngBounds([tile.getSouth(), tile.getWest() + turn], [tile.getNorth(), tile.getEast() + turn]);
    },

    // Between two whole zooms the edges of tiles fall inside pixels, and the land would shine through as bright lines.
    _initTile(tile) {
      L.TileLayer.prototype._initTile.call(this, tile);
      tile.style.width = tile.style.height = `${this.getTileSize().x + 1}px`;
      tile.style.mixBlendMode = 'normal';
    },
  });

  // Whenever the picture is another than before. The map keeps its place as long as the picture has the same.
  ninepatch.lay = function (map, data) {
    const before = map._npData;
    map._npData = data;
    if (!before || before.url !== data.url) {
      if (map._npPicture) map._npPicture.remove();
      map._npPicture = new Picture(data.url, {
        bounds: L.latLngBounds(data.bounds), minZoom: 2, maxZoom: 19, opacity: map._npOpacity,
        attribution: data.attribution,
      }).addTo(map);
    }
    if (!before || String(before.bounds) !== String(data.bounds)) ninepatch.fitOnceShown(map);
  };
})();
