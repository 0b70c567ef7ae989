// What every map of ours adds to Leaflet: the land below it, colours of the page around, a way back to the whole.
// A map calls `base` once; what it shows has `bounds` in `map._npData`, and is painted again at "np:dress".
Object.assign(window.ninepatch, (function () {
  'use strict';

  const {Outlines, decode, reading, measuring} = window.ninepatch;
  const LIGHT = {
    water: '#e4e9ec', land: '#f6f6f3', coast: '#8f9ba3', border: '#c3c9cd', graticule: 'rgba(70,95,110,.14)',
    ink: '#1f272d', casing: '#ffffff', grid: '#3f4d57', accent: '#a63a08', held: ['#a9cfe8', '#4a90c4', '#123f73'],
  };
  const DARK = {
    water: '#12171a', land: '#1f262b', coast: '#56636c', border: '#36414a', graticule: 'rgba(190,210,225,.09)',
    ink: '#eef2f4', casing: '#0c0f11', grid: '#9fb0bb', accent: '#ff8a4c', held: ['#2f5f85', '#3f8cc4', '#b5dcf5'],
  };

  // --- for screen readers: the frame has a name, and what is drawn is in the page's fields and tables ----------

  try { window.frameElement.setAttribute('aria-label', 'Map'); } catch (error) { /* another origin */ }
  L.SVG.addInitHook(function () { this.on('add', () => this._container.setAttribute('aria-hidden', 'true')); });

  // --- a press gives the map the keyboard's focus: the page around must not jump, or the press hits another tile --

  L.Map.Keyboard.include({
    _onMouseDown() { if (!this._focused) this._map._container.focus({preventScroll: true}); },
  });

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
    map.fire('np:dress');
  }

  function base(map, options) { // what every map of ours has
    map.createPane('np-land').style.zIndex = 150;
    borrowFonts();
    dress(map);
    layers(map, options);
    map.attributionControl.setPrefix('<a href="https://leafletjs.com" target="_blank" rel="noopener">Leaflet</a>');
    L.control.scale({imperial: false, position: 'bottomleft'}).addTo(map);
    home(map);
    measuring(map);
    reading(map);
    followSize(map);
    window.addEventListener('message', event => {
      if (event.data && event.data.type === 'streamlit:render') setTimeout(() => dress(map), 50);
    });
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

  const shown = map => map.getContainer().clientWidth > 0 && map.getContainer().clientHeight > 0;
  const view = map => ({zoom: map.getZoom(), at: map.project(map.getCenter())});

  function asFitted(map) { // Leaflet keeps the middle to the pixel when its size changes
    const before = map._npFitted, now = view(map);
    return before && before.zoom === now.zoom && before.at.distanceTo(now.at) < 3;
  }

  function fit(map) {
    const bounds = map._npData && map._npData.bounds;
    if (!bounds) return;
    map.fitBounds(bounds, {padding: [24, 24], animate: false});
    map._npFitted = view(map);
  }

  function fitOnceShown(map) {
    map._npToFit = !shown(map);
    if (map._npToFit) return;
    map.invalidateSize(false);
    fit(map);
  }

  // The page gives the frame its height after the map is there: what was brought into view stays in view.
  function followSize(map) {
    new ResizeObserver(() => {
      if (!shown(map)) return;
      const again = map._npToFit || asFitted(map);
      map.invalidateSize(false);
      if (again) { map._npToFit = false; fit(map); }
    }).observe(map.getContainer());
  }

  return {base, fitOnceShown};
})());
