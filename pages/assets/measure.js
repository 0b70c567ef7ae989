// A measuring tool for every map of ours: distance along a line, and the area that it encloses; by mouse, touch and keys.
Object.assign(window.ninepatch, (function () {
  'use strict';

  const {distance, area, length, surface} = window.ninepatch;
  const DRAWS = '.leaflet-draw-actions a[title^="Cancel"]';
  const LINE = {color: '#a63a08', weight: 2.5, interactive: false, pane: 'np-measure'};

  class Measure {
    constructor(map, button, box) {
      Object.assign(this, {map, button, box, places: [], done: false});
      this.said = box.appendChild(document.createElement('span'));
      this.said.setAttribute('role', 'status');
      map.createPane('np-measure').style.zIndex = 640;
      map.getPane('np-measure').style.pointerEvents = 'none';
      map.on('click', event => { if (map._npMeasuring && !this.done) this.add(event.latlng); });
      map.on('mousemove', event => { if (map._npMeasuring && !this.done && this.places.length) this.draw(event.latlng); });
      map.on('dblclick', () => { if (map._npMeasuring) this.finish(); });
      map.on('draw:drawstart draw:editstart draw:deletestart', () => this.stop());
      document.addEventListener('keydown', event => this.key(event), true);
    }

    toggle() { if (this.map._npMeasuring) this.stop(); else this.start(); }

    start() {
      document.querySelectorAll(DRAWS).forEach(link => { if (link.offsetParent) link.click(); });
      this.map._npMeasuring = true;
      this.map.doubleClickZoom.disable();
      this.again();
      this.box.hidden = false;
      this.button.setAttribute('aria-pressed', 'true');
      this.map.getContainer().classList.add('np-measuring');
      this.map.getContainer().focus({preventScroll: true});
      this.say('Click or tap points; Enter adds the middle of the map, Escape ends.');
    }

    stop() {
      if (!this.map._npMeasuring) return;
      this.again();
      this.map.doubleClickZoom.enable();
      this.map.getContainer().classList.remove('np-measuring');
      this.button.setAttribute('aria-pressed', 'false');
      this.box.hidden = true;
      setTimeout(() => { this.map._npMeasuring = false; }, 60); // the click that ended it picks no tile
    }

    again() {
      this.places = [];
      this.done = false;
      if (this.group) this.group.remove();
      this.group = null;
    }

    add(place) {
      const last = this.places[this.places.length - 1];
      if (last && this.map.latLngToContainerPoint(last).distanceTo(this.map.latLngToContainerPoint(place)) < 3) return;
      this.places.push(place);
      this.draw();
      this.say(this.words());
    }

    finish() {
      this.done = true;
      this.draw();
      this.say(`${this.words()} Escape ends, the ruler begins anew.`);
    }

    remove() {
      this.places.pop();
      this.draw();
      this.say(this.words());
    }

    words() {
      const places = this.places.map(({lat, lng}) => [lat, lng]);
      if (places.length < 2) return places.length ? 'One point. Set the next.' : 'No point yet.';
      const along = places.slice(1).reduce((sum, place, n) => sum + distance(places[n], place), 0);
      const around = places.length > 2 ? `, area ${surface(area(places))}` : '';
      return `Distance ${length(along)}${around}.`;
    }

    say(text) { if (this.said.textContent !== text) this.said.textContent = text; }

    draw(to) {
      if (this.group) this.group.remove();
      this.group = L.layerGroup().addTo(this.map);
      const places = to ? [...this.places, to] : this.places;
      if (places.length > 2) L.polygon(places, {...LINE, stroke: false, fillOpacity: 0.1}).addTo(this.group);
      L.polyline(places, {...LINE, color: '#ffffff', weight: 5.5, opacity: 0.9}).addTo(this.group);
      L.polyline(places, {...LINE, color: this.map._npColours.accent}).addTo(this.group);
      this.places.forEach(place => L.circleMarker(place, {
        ...LINE, radius: 4, color: '#ffffff', weight: 1.5, fill: true, fillColor: this.map._npColours.accent, fillOpacity: 1,
      }).addTo(this.group));
    }

    key(event) {
      if (!this.map._npMeasuring) return;
      const own = event.target === this.map.getContainer();
      if (event.key === 'Escape') this.stop();
      else if (own && event.key === 'Enter' && !this.done) this.add(this.map.getCenter());
      else if (own && event.key === 'Backspace' && !this.done) this.remove();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
  }

  function measuring(map) {
    const Ruler = L.Control.extend({
      onAdd() {
        const bar = L.DomUtil.create('div', 'leaflet-bar np-measure'), button = L.DomUtil.create('a', '', bar);
        button.href = '#'; button.title = 'Measure distance and area'; button.setAttribute('role', 'button');
        button.setAttribute('aria-label', button.title);
        button.setAttribute('aria-pressed', 'false');
        const box = L.DomUtil.create('div', 'np-measured', map.getContainer());
        box.hidden = true;
        const measure = map._npMeasure = new Measure(map, button, box);
        L.DomEvent.disableClickPropagation(bar);
        L.DomEvent.disableClickPropagation(box);
        L.DomEvent.on(button, 'click', event => { L.DomEvent.preventDefault(event); measure.toggle(); });
        return bar;
      },
    });
    new Ruler({position: 'topright'}).addTo(map);
  }

  return {measuring};
})());
