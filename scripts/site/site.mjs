/* global addEventListener, document */
// Tables, diagrams and code that scroll sideways can be scrolled with the keyboard.
const update = () => {
  for (const frame of document.querySelectorAll(
    '.md-typeset__scrollwrap, .md-typeset .diagram, .md-typeset pre > code',
  )) {
    if (frame.scrollWidth > frame.clientWidth) {
      frame.tabIndex = 0;
    } else {
      frame.removeAttribute('tabindex');
    }
  }
};
addEventListener('load', update);
addEventListener('resize', update);
