// Runs in the login page before anything of it, and finds out when a person can use it: at the first
// frame after which all this is true. All scripts have run, those that wait for the whole document too,
// and Angular has taken over the form. The user name and the button are visible, enabled and styled. Their
// fonts are there, without which their texts are blank.
{
  let usableAt;

  const controls = () => ['loginBtn', 'id_username'].map((id) => document.getElementById(id));

  const usable = () => {
    const [navigation] = performance.getEntriesByType('navigation');
    return (
      navigation.domContentLoadedEventEnd > 0 &&
      performance.getEntriesByName('first-contentful-paint').length > 0 &&
      controls().every((one) => one?.checkVisibility() && !one.disabled && one.offsetWidth > 0) &&
      getComputedStyle(controls()[0]).float === 'right' &&
      controls().every((one) => document.fonts.check(getComputedStyle(one).font)) &&
      window.angular?.element(document.body).injector() !== undefined
    );
  };

  const look = () =>
    requestAnimationFrame(() =>
      // Once the frame is painted.
      setTimeout(() => {
        if (usable()) {
          usableAt = performance.now();
        } else {
          look();
        }
      }),
    );
  look();

  const file = (url) => new URL(url).pathname.split('/').filter(Boolean).slice(-2).join('/');

  /** What is known of this visit; undefined before the page is usable. */
  window.loginVisit = () => {
    if (usableAt === undefined) {
      return undefined;
    }
    const [navigation] = performance.getEntriesByType('navigation');
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const resources = performance.getEntriesByType('resource');
    return {
      paint: paint.startTime,
      usable: usableAt,
      timeline: [
        { what: 'connect', from: 0, to: navigation.requestStart },
        { what: 'page', from: navigation.requestStart, to: navigation.responseEnd },
        ...resources.map(({ name, startTime, duration }) => ({
          what: file(name),
          from: startTime,
          to: startTime + duration,
        })),
        {
          what: 'scripts of the whole document',
          from: navigation.domContentLoadedEventStart,
          to: navigation.domContentLoadedEventEnd,
        },
      ],
    };
  };
}
